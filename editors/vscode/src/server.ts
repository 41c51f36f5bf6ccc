/** The language server: its life, and how it fares. */
import { statSync } from "node:fs";
import { Disposable, EventEmitter, LogOutputChannel, window, workspace } from "vscode";
import { LanguageClientOptions } from "vscode-languageclient/node";
import { Life } from "./life";
import { program, whyMissing } from "./program";

/** How it fares. */
export type Health =
  | { state: "starting" }
  | { state: "ready"; program: string; version: string }
  | { state: "missing" | "failed"; why: string }
  | { state: "stopped" };

/** What the editor runs itself when the server names it. */
const COMMANDS = ["hostfit.showMatrix"];

// What other extensions make of the templates of charts is `helm`.
const LANGUAGES = ["dockerfile", "dockercompose", "yaml", "helm"];
const FILES = ["daemon.json", "hostfit.toml", "docker-bake{,.override}.{hcl,json}", "templates/**/*.tpl"];

/** A server that dies is started again, but not more often than so many times in so many milliseconds. */
const RESTARTS = { most: 4, within: 3 * 60 * 1000 };

export class Server implements Disposable {
  readonly log: LogOutputChannel = window.createOutputChannel("hostfit", { log: true });
  health: Health = { state: "stopped" };
  private life: Life | undefined;
  private isWanted = false;
  /** When servers died since the user asked for one. */
  private deaths: number[] = [];
  /** One start or stop after the other. */
  private queue: Promise<void> = Promise.resolve();
  private readonly changed = new EventEmitter<Health>();
  readonly onDidChange = this.changed.event;

  /** Starts it, or restarts it if it runs. Comes back as soon as there is a process, or none can be started. */
  restart(): Promise<void> {
    this.isWanted = true;
    this.deaths = [];
    return this.enqueue(async () => {
      await this.end();
      this.begin();
    });
  }

  stop(): Promise<void> {
    this.isWanted = false;
    return this.enqueue(() => this.end());
  }

  dispose(): void {
    this.changed.dispose();
    this.log.dispose();
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(work, work);
    return this.queue;
  }

  private become(health: Health): void {
    this.health = health;
    this.changed.fire(health);
  }

  private fail(why: string): void {
    this.log.error(why);
    this.become({ state: "failed", why: `${why} The log says more.` });
  }

  private begin(): void {
    const command = program();
    if (command === undefined) {
      const why = whyMissing();
      this.log.error(why);
      this.become({ state: "missing", why });
      return;
    }
    const own = workspace.getConfiguration("hostfit").get<string[]>("arguments", []);
    const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
    const cwd = folder !== undefined && isFolder(folder) ? folder : undefined;
    this.become({ state: "starting" });
    let life: Life;
    try {
      life = new Life(command, ["lsp", ...own], cwd, this.options());
    } catch (error) {
      // The machine has no room for another process.
      this.fail(`${String(error)}.`);
      return;
    }
    this.life = life;
    life.ready.then(
      (version) => {
        if (this.life === life) {
          this.become({ state: "ready", program: command, version });
        }
      },
      (error: unknown) => this.log.error(String(error)),
    );
    void life.over.then((why) => this.died(life, why));
  }

  private async end(): Promise<void> {
    const life = this.life;
    this.life = undefined;
    if (life) {
      this.become({ state: "stopped" });
      await life.end();
    }
  }

  /** Starts another one, unless it was told to end. */
  private died(life: Life, why: string): void {
    if (this.life !== life) {
      return;
    }
    this.life = undefined;
    const now = Date.now();
    this.deaths = [...this.deaths.filter((then) => now - then < RESTARTS.within), now];
    if (this.deaths.length > RESTARTS.most) {
      this.fail(why);
      return;
    }
    this.log.error(`${why} It is started again.`);
    this.become({ state: "starting" });
    void this.enqueue(async () => {
      // The user may have been faster.
      if (this.isWanted && this.life === undefined) {
        this.begin();
      }
    });
  }

  private options(): LanguageClientOptions {
    const schemes = ["file", "untitled"];
    return {
      documentSelector: [
        ...schemes.flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
        ...FILES.map((name) => ({ scheme: "file", pattern: `**/${name}` })),
      ],
      outputChannel: this.log,
      initializationOptions: () => {
        const settings = workspace.getConfiguration("hostfit");
        return {
          inlayHints: settings.get("inlayHints", false),
          codeLens: settings.get("codeLens", true),
          commands: COMMANDS,
        };
      },
      synchronize: { configurationSection: "hostfit" },
      diagnosticPullOptions: { onChange: true, onSave: true, onTabs: true },
    };
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
