/** hostfit in VS Code: a thin client. All that it knows of images and hosts comes from the program. */
import { ExtensionContext, commands, window, workspace } from "vscode";
import { importFleet } from "./fleet";
import { showMatrix } from "./matrix";
import { tellMissing } from "./program";
import { Server } from "./server";
import { showStatus } from "./status";

let server: Server | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const own = new Server();
  server = own;
  context.subscriptions.push(
    own,
    showStatus(own),
    own.onDidChange((health) => {
      if (health.state === "failed") {
        void tellFailed(own, health.why);
      }
    }),
    command("hostfit.importFleet", importFleet),
    command("hostfit.showMatrix", showMatrix),
    command("hostfit.restart", () => restart(own)),
    command("hostfit.showLog", () => own.log.show()),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("hostfit.path") || change.affectsConfiguration("hostfit.arguments")) {
        void own.restart();
      }
    }),
    // What the workspace says of the program counts from now on.
    workspace.onDidGrantWorkspaceTrust(() => own.restart()),
  );
  await restart(own);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function restart(server: Server): Promise<void> {
  await server.restart();
  if (server.health.state === "missing") {
    // Nobody waits for the answer.
    void tellMissing();
  }
}

/** Says that there is no server any more, with a way out. */
async function tellFailed(server: Server, why: string): Promise<void> {
  const again = "Restart server";
  const log = "Show log";
  const answer = await window.showErrorMessage(`hostfit: ${why}`, again, log);
  if (answer === again) {
    await restart(server);
  } else if (answer === log) {
    server.log.show();
  }
}

/** A command whose failure is said to the user, not only to the log of the editor. */
function command(id: string, work: (argument?: unknown) => unknown): { dispose(): void } {
  return commands.registerCommand(id, async (argument?: unknown) => {
    try {
      await work(argument);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      server?.log.error(`${id}: ${why}`);
      void window.showErrorMessage(`hostfit: ${why}`);
    }
  });
}
