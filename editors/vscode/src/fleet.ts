/** The command *Import fleet*: what clusters and engines print becomes hosts in `hostfit.toml`. */
import { ProgressLocation, QuickPickItem, QuickPickItemKind, Uri, env, languages, window, workspace } from "vscode";
import { chooseFolder } from "./folder";
import { program, run, tellMissing } from "./program";

/** What the hosts are read from: a file, or a text. */
type Source = { file: string } | { text: string };

/** Commands that print what hostfit reads, as the user's machine has them. */
const PRINTS = [
  { label: "kubectl get nodes -o json", description: "Kubernetes" },
  { label: "docker node inspect $(docker node ls -q)", description: "Swarm" },
  { label: "docker info --format json", description: "one Docker engine" },
];

export async function importFleet(): Promise<void> {
  const file = program();
  if (file === undefined) {
    await tellMissing();
    return;
  }
  const source = await chooseSource();
  if (source === undefined) {
    return;
  }
  const folder = await chooseFolder();
  const config = folder && Uri.joinPath(folder.uri, "hostfit.toml");
  const isThere = config !== undefined && (await exists(config));
  if (isThere) {
    // It is merged with what is on the disk.
    await workspace.textDocuments.find((it) => it.uri.toString() === config.toString())?.save();
  }
  const from = "file" in source ? source.file : "-";
  const words = ["fleet", "import", from, ...(isThere ? ["--merge", config.fsPath] : [])];
  const title = "hostfit: importing the fleet";
  const printed = await window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    (_, token) =>
      run(file, { arguments: words, folder: folder?.uri.fsPath, token, ...("text" in source && { input: source.text }) }),
  );
  if (printed === undefined) {
    return;
  }
  if (config === undefined) {
    const hasToml = (await languages.getLanguages()).includes("toml");
    const language = hasToml ? "toml" : "plaintext";
    await window.showTextDocument(await workspace.openTextDocument({ content: printed, language }));
    return;
  }
  if (!isThere) {
    await workspace.fs.writeFile(config, Buffer.from(printed));
  }
  await window.showTextDocument(config);
}

async function chooseSource(): Promise<Source | undefined> {
  const file: QuickPickItem = { label: "$(file) From a file…", description: "with what such a command printed" };
  const clipboard: QuickPickItem = { label: "$(clippy) From the clipboard" };
  const title: QuickPickItem = { label: "copy a command that prints it", kind: QuickPickItemKind.Separator };
  const answer = await window.showQuickPick([file, clipboard, title, ...PRINTS], {
    placeHolder: "Where are the hosts listed?",
  });
  if (answer === undefined) {
    return undefined;
  }
  if (answer === file) {
    const [chosen] = (await window.showOpenDialog({ openLabel: "Import", title: "The list of hosts" })) ?? [];
    return chosen && { file: chosen.fsPath };
  }
  if (answer === clipboard) {
    return { text: await env.clipboard.readText() };
  }
  await env.clipboard.writeText(answer.label);
  const next = "Import what it printed";
  const done = await window.showInformationMessage(
    `\`${answer.label}\` is in the clipboard. Run it, and copy what it prints.`,
    next,
  );
  return done === next ? { text: await env.clipboard.readText() } : undefined;
}

async function exists(file: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
