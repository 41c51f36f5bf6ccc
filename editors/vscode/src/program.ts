/** Starts hostfit: which program that is, and what it prints. */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { CancellationToken, Uri, commands, env, window, workspace } from "vscode";
import { findProgram } from "./search";

const INSTALL = "https://github.com/hostfit/hostfit#install";

/** The program, if there is one. */
export function program(): string | undefined {
  const setting = workspace.getConfiguration("hostfit").get("path", "");
  return findProgram(setting.trim(), workspace.workspaceFolders?.[0]?.uri.fsPath, {
    platform: process.platform,
    arch: process.arch,
    env: process.env,
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  });
}

/** Why there is none. */
export function whyMissing(): string {
  const setting = workspace.getConfiguration("hostfit").get("path", "");
  return setting === ""
    ? "The hostfit program is not on PATH. `npm install -g hostfit` or `uv tool install hostfit` brings it."
    : `There is no program at \`${setting}\`, which the setting hostfit.path names.`;
}

/** Says so to the user, with a way out. */
export async function tellMissing(): Promise<void> {
  const install = "How to install";
  const settings = "Open settings";
  const answer = await window.showErrorMessage(whyMissing(), install, settings);
  if (answer === install) {
    await env.openExternal(Uri.parse(INSTALL));
  } else if (answer === settings) {
    await commands.executeCommand("workbench.action.openSettings", "hostfit.path");
  }
}

/** What is run. */
export interface Run {
  arguments: string[];
  folder: string | undefined;
  input?: string;
  token: CancellationToken;
}

/** What hostfit prints. Throws with what it complains of if it fails; nothing if the user gave up. */
export function run(file: string, { arguments: words, folder, input, token }: Run): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { cwd: folder, env: { ...process.env, NO_COLOR: "1" }, windowsHide: true });
    const [output, complaint]: [Buffer[], Buffer[]] = [[], []];
    const cancelled = token.onCancellationRequested(() => child.kill());
    child.stdout.on("data", (it: Buffer) => output.push(it));
    child.stderr.on("data", (it: Buffer) => complaint.push(it));
    child.on("error", reject);
    child.on("close", (status) => {
      cancelled.dispose();
      if (token.isCancellationRequested) {
        resolve(undefined);
      } else if (status === 0 || status === 1) {
        resolve(Buffer.concat(output).toString());
      } else {
        const said = Buffer.concat(complaint).toString().trim();
        reject(new Error(said || `hostfit ${words[0]} ended with ${status ?? "a signal"}`));
      }
    });
    // It may end before it has read all.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}
