/** The item in the status bar: how the server fares; a click shows what can be done. */
import { Disposable, MarkdownString, QuickPickItem, StatusBarAlignment, ThemeColor, commands, window } from "vscode";
import { Health, Server } from "./server";

const MENU = "hostfit.menu";

const ACTIONS: (QuickPickItem & { command: string; arguments?: string[] })[] = [
  { label: "$(table) Show matrix", command: "hostfit.showMatrix" },
  { label: "$(cloud-download) Import fleet", command: "hostfit.importFleet" },
  { label: "$(debug-restart) Restart server", command: "hostfit.restart" },
  { label: "$(output) Show log", command: "hostfit.showLog" },
  { label: "$(gear) Settings", command: "workbench.action.openSettings", arguments: ["@ext:hostfit.hostfit"] },
];

export function showStatus(server: Server): Disposable {
  const item = window.createStatusBarItem("hostfit.status", StatusBarAlignment.Right, 50);
  item.name = "hostfit";
  item.command = MENU;
  const show = (health: Health): void => {
    const { icon, words } = describe(health);
    item.text = `$(${icon}) hostfit`;
    item.tooltip = new MarkdownString(words);
    item.accessibilityInformation = { label: words.replaceAll("`", ""), role: "button" };
    const isBroken = health.state === "failed" || health.state === "missing";
    item.backgroundColor = isBroken ? new ThemeColor("statusBarItem.errorBackground") : undefined;
  };
  show(server.health);
  item.show();
  const menu = commands.registerCommand(MENU, async () => {
    const placeHolder = describe(server.health).words.replaceAll("`", "");
    const action = await window.showQuickPick(ACTIONS, { placeHolder });
    if (action) {
      await commands.executeCommand(action.command, ...(action.arguments ?? []));
    }
  });
  return Disposable.from(item, menu, server.onDidChange(show));
}

function describe(health: Health): { icon: string; words: string } {
  switch (health.state) {
    case "starting":
      return { icon: "loading~spin", words: "hostfit is starting" };
    case "ready":
      return { icon: "check", words: `hostfit ${health.version} is ready: \`${health.program}\`` };
    case "stopped":
      return { icon: "circle-slash", words: "hostfit is stopped" };
    case "missing":
    case "failed":
      return { icon: "error", words: health.why };
  }
}
