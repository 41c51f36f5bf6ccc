/** The folder that a command is meant for. */
import { Uri, WorkspaceFolder, window, workspace } from "vscode";

/** Of several, that of the place it is called from, else the user's choice. Nothing if there is none or no choice is made. */
export async function chooseFolder(from?: string): Promise<WorkspaceFolder | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length < 2) {
    return folders[0];
  }
  const own = from === undefined ? undefined : workspace.getWorkspaceFolder(Uri.parse(from));
  return own ?? window.showWorkspaceFolderPick({ placeHolder: "Which folder?" });
}
