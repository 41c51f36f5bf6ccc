/** The language server: its life, and how it fares. */
import { Disposable, EventEmitter, LogOutputChannel, window, workspace } from "vscode";
import { LanguageClient, LanguageClientOptions, State } from "vscode-languageclient/node";
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

export class Server implements Disposable {
  readonly log: LogOutputChannel = window.createOutputChannel("hostfit", { log: true });
  health: Health = { state: "stopped" };
  private client: LanguageClient | undefined;
  /** One start or stop after the other. */
  private queue: Promise<void> = Promise.resolve();
  private readonly changed = new EventEmitter<Health>();
  readonly onDidChange = this.changed.event;

  /** Starts it, or restarts it if it runs. */
  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.end();
      await this.begin();
    });
  }

  stop(): Promise<void> {
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

  private async begin(): Promise<void> {
    const command = program();
    if (command === undefined) {
      const why = whyMissing();
      this.log.error(why);
      this.become({ state: "missing", why });
      return;
    }
    const own = workspace.getConfiguration("hostfit").get<string[]>("arguments", []);
    const client = new LanguageClient("hostfit", { command, args: ["lsp", ...own] }, this.options());
    this.client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) {
        return;
      }
      if (newState === State.Running) {
        const version = client.initializeResult?.serverInfo?.version ?? "";
        this.become({ state: "ready", program: command, version });
      } else if (newState === State.Starting) {
        this.become({ state: "starting" });
      } else {
        this.become({ state: "failed", why: "The server ended. The log says more." });
      }
    });
    try {
      await client.start();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.log.error(why);
      this.become({ state: "failed", why });
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client) {
      try {
        await client.dispose();
      } catch (error) {
        // One that never ran, or hangs, has nothing more to say.
        this.log.warn(String(error));
      }
      this.become({ state: "stopped" });
    }
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
