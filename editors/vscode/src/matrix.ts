/** The command *Show matrix*: the page that `hostfit matrix --format html` writes, in a tab. */
import { ProgressLocation, ViewColumn, WebviewPanel, WorkspaceFolder, window } from "vscode";
import { chooseFolder } from "./folder";
import { secured } from "./page";
import { program, run, tellMissing } from "./program";

/** By folder. */
const panels = new Map<string, WebviewPanel>();

/** `from`, a URI, says which folder is meant where there are several. */
export async function showMatrix(from?: unknown): Promise<void> {
  const file = program();
  if (file === undefined) {
    await tellMissing();
    return;
  }
  const folder = await chooseFolder(typeof from === "string" ? from : window.activeTextEditor?.document.uri.toString());
  if (folder === undefined) {
    void window.showInformationMessage("A matrix is of a folder: open one first.");
    return;
  }
  const page = await window.withProgress(
    { location: ProgressLocation.Window, title: "hostfit: making the matrix", cancellable: true },
    (_, token) => run(file, { arguments: ["matrix", "--format", "html"], folder: folder.uri.fsPath, token }),
  );
  if (page !== undefined) {
    const panel = panelOf(folder);
    panel.webview.html = secured(page);
    panel.reveal(undefined, false);
  }
}

function panelOf(folder: WorkspaceFolder): WebviewPanel {
  const key = folder.uri.toString();
  const known = panels.get(key);
  if (known) {
    return known;
  }
  const panel = window.createWebviewPanel("hostfit.matrix", `Matrix: ${folder.name}`, ViewColumn.Active, {
    enableFindWidget: true,
    enableScripts: true,
    localResourceRoots: [],
    // Else filters and what is unfolded are lost with each change of tabs.
    retainContextWhenHidden: true,
  });
  panel.onDidDispose(() => panels.delete(key));
  panels.set(key, panel);
  return panel;
}
