/**
 * One life of the server: a process, and the client that speaks with it. Neither is ever used again.
 *
 * `vscode-languageclient` would restart a server itself, but starts two for one that dies while it starts, and none for one
 * that dies while something is written to it. So the process is ours, and its end is the only thing that counts.
 */
import { ChildProcess, spawn } from "node:child_process";
import { CloseAction, ErrorAction, LanguageClient, LanguageClientOptions } from "vscode-languageclient/node";

/** How long a server may take to end after it was asked to. */
const PATIENCE = 2000;

/** The client without messages of its own about the connection: the status item and the log have them. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown, show: boolean | "force" = true): void {
    super.error(message, data, show === "force" ? false : show);
  }
}

export class Life {
  /** Comes when the process is gone, for whatever reason, with what is known of it. */
  readonly over: Promise<string>;
  /** Comes when the server is at work, with its version. */
  readonly ready: Promise<string>;
  private readonly child: ChildProcess;
  private readonly client: LanguageClient;
  private isOver = false;

  constructor(command: string, words: string[], cwd: string | undefined, options: LanguageClientOptions) {
    const child = spawn(command, words, { cwd, windowsHide: true });
    this.child = child;
    this.over = new Promise((over) => {
      const end = (why: string): void => {
        this.isOver = true;
        over(why);
      };
      child.on("error", (error) => {
        // Such an error may also be of a signal that cannot be sent.
        if (child.pid === undefined) {
          end(`${error.message}.`);
        }
      });
      // Once the pipes are closed the client knows it too.
      child.on("close", (status, signal) => end(`The server ended with ${signal ?? `status ${status}`}.`));
    });
    const server = async (): Promise<ChildProcess> => {
      if (child.pid === undefined) {
        throw new Error(await this.over);
      }
      return child;
    };
    this.client = new Client("hostfit", server, {
      ...options,
      errorHandler: {
        // Nothing can be said to it any more, or it says what nobody understands.
        error: () => {
          child.kill("SIGKILL");
          return { action: ErrorAction.Continue, handled: true };
        },
        closed: () => {
          child.kill("SIGKILL");
          return { action: CloseAction.DoNotRestart, handled: true, message: "The connection to the server is closed." };
        },
      },
      initializationFailedHandler: () => false,
    });
    this.ready = this.start();
    // Who waits for the end learns it there.
    this.ready.catch(() => undefined);
  }

  private async start(): Promise<string> {
    try {
      await this.client.start();
    } catch (error) {
      this.child.kill("SIGKILL");
      throw error;
    }
    return this.client.initializeResult?.serverInfo?.version ?? "";
  }

  /** Ends it. When this comes back there is no process any more. */
  async end(): Promise<void> {
    let patience = PATIENCE;
    try {
      await this.client.dispose(PATIENCE);
    } catch {
      // It does not answer, or not yet.
      patience = 0;
    }
    if (!this.isOver) {
      const killing = setTimeout(() => this.child.kill("SIGKILL"), patience);
      await this.over;
      clearTimeout(killing);
    }
  }
}
