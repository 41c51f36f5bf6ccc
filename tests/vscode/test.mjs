// hostfit in a real VS Code: node test.mjs PROGRAM VSIX WORK [PICTURE]
//
// Opens files, looks at what is on the screen, fixes them as a user does, and reads what is then on the disk. What has
// to be seen comes from Microsoft's pages (docs/rules names them), not from hostfit.
import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import UPNG from "upng-js";
import { open } from "./editor.mjs";

const [program, extension, work, picture] = process.argv.slice(2).map((it) => resolve(it));
const TIMEOUT = 60_000;

rmSync(work, { recursive: true, force: true });
const home = join(work, "home");
const folder = join(work, "shop");
cpSync("workspace", folder, { recursive: true });
mkdirSync(join(folder, ".git"));
// As it is on Windows, where most of these files are written.
const lines = readFileSync("workspace/web/Dockerfile", "utf8").split(/\r?\n/);
writeFileSync(join(folder, "web/Dockerfile"), lines.join("\r\n"));
// Its own copy: so its processes are known from those of others.
const hostfit = join(work, "hostfit");
copyFileSync(program, hostfit);

const settings = {
  "hostfit.path": hostfit,
  "breadcrumbs.enabled": false,
  "chat.commandCenter.enabled": false,
  "editor.accessibilitySupport": "off",
  "editor.fontFamily": "Mono",
  "editor.fontSize": 14,
  "editor.hover.above": false,
  "editor.hover.delay": 100,
  "editor.minimap.enabled": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "files.simpleDialog.enable": true,
  "git.enabled": false,
  "problems.showCurrentInStatus": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "window.commandCenter": false,
  "window.menuBarVisibility": "hidden",
  "workbench.activityBar.location": "hidden",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.editor.enablePreview": false,
  "workbench.editor.revealIfOpen": true,
  "workbench.layoutControl.enabled": false,
  "workbench.quickOpen.closeOnFocusLost": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

const started = Date.now();
const { page, complaints, close } = await open({ extension, folder, settings, home });
page.setDefaultTimeout(TIMEOUT);

const editor = page.locator(".editor-instance .monaco-editor").first();
const squiggle = editor.locator(".squiggly-error");
const widget = page.locator(".quick-input-widget");
const lens = editor.locator(".codelens-decoration a");
const menu = page.locator(".action-widget");

/** Waits until `holds` gives something that is true, and gives that. */
async function until(what, holds) {
  for (const end = Date.now() + TIMEOUT; ; await pause(50)) {
    const it = await holds();
    if (it) {
      return it;
    }
    assert.ok(Date.now() < end, `in vain waited for: ${what}`);
  }
}

/** Types into what a key opens. Where something else takes the focus meanwhile, the key is pressed again. */
async function ask(key, words) {
  await until(`the answer to ${key}`, async () => {
    await page.keyboard.press(key);
    return widget
      .locator("input.input")
      .fill(words, { timeout: 2000 })
      .then(() => true, () => false);
  });
}

/** Runs a command by its name, as a user does who presses F1. */
async function command(name) {
  await ask("F1", `>${name}`);
  await widget.locator(".monaco-list-row", { hasText: name }).first().click();
}

async function openFile(name) {
  await ask("Control+p", name);
  const [file, folder = ""] = name.split("/").reverse();
  // Files that were open before stand in the list until it has the name.
  const row = widget.locator(".monaco-list-row", { hasText: file }).filter({ hasText: folder }).first();
  await row.click();
  await page.locator(".tab.active", { hasText: file }).waitFor();
  await editor.locator(".view-line").first().waitFor();
}

/** The text that is on the screen under the squiggle. */
function underlined() {
  return squiggle.first().evaluate((line) => {
    const box = line.getBoundingClientRect();
    const range = document.createRange();
    let text = "";
    const lines = line.closest(".monaco-editor").querySelector(".view-lines");
    const walk = document.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      for (let at = 0; at < node.length; at++) {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const it = range.getBoundingClientRect();
        const [x, y] = [it.left + it.width / 2, it.top + it.height / 2];
        if (box.left < x && x < box.right && box.top < y && y < box.bottom) {
          text += node.data[at];
        }
      }
    }
    return text;
  });
}

/** Shows what is said of the squiggle. The mouse has to move for that. */
async function hover() {
  const box = page.locator(".monaco-hover:visible", { has: page.locator(".marker") }).first();
  await until("a hover", async () => {
    const { x, y, width, height } = await squiggle.first().boundingBox();
    await page.mouse.move(x + width / 3, y - 2 * height);
    await page.mouse.move(x + width / 3, y + height / 2, { steps: 4 });
    return box.waitFor({ timeout: 3000 }).then(
      () => true,
      () => false,
    );
  });
  return box;
}

/** Opens the menu of what can be done about the finding, of which that with this title is offered first. */
async function quickFixes(line, title) {
  // Lenses that appear above push the line down.
  await until(`the cursor in line ${line}`, async () => {
    const box = await squiggle.first().boundingBox();
    if (!box) {
      return false;
    }
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    return page.getByRole("button", { name: new RegExp(`^Ln ${line}, Col `) }).isVisible();
  });
  await page.keyboard.press("Control+.");
  await menu.locator(".monaco-list-row.focused", { hasText: title }).waitFor();
}

async function save() {
  const dirty = page.locator(".tab.active.dirty");
  await dirty.waitFor();
  await page.keyboard.press("Control+s");
  await dirty.waitFor({ state: "detached" });
}

const read = (name) => readFileSync(join(folder, name), "utf8");
const write = (name, text) => writeFileSync(join(folder, name), text);

const ready = () => page.locator('[aria-label^="hostfit"][aria-label*="is ready"]').first().waitFor();

/** The ids of the servers that run. */
function servers() {
  const exe = (id) => {
    try {
      return readlinkSync(`/proc/${id}/exe`);
    } catch {
      return "";
    }
  };
  return readdirSync("/proc").filter((id) => /^\d+$/.test(id) && exe(id) === hostfit);
}

function killServers() {
  for (const id of servers()) {
    try {
      process.kill(Number(id), "SIGKILL");
    } catch (error) {
      // It may have ended meanwhile.
      assert.equal(error.code, "ESRCH");
    }
  }
}

/** The id of the server that runs alone in the place of an old one. */
function another(old) {
  return until("another server", () => {
    const [own, ...others] = servers();
    return others.length === 0 && own !== old && own;
  });
}

const steps = {
  async "a Dockerfile is underlined where a dead name stands"() {
    await openFile("web/Dockerfile");
    await squiggle.first().waitFor();
    assert.equal(await squiggle.count(), 1);
    assert.equal(await underlined(), "microsoft/iis");
    await ready();
    assert.equal(servers().length, 1);
  },

  async "the list of problems names place, rule and page"() {
    await command("Problems: Focus on Problems View");
    const row = page.locator(".markers-panel .monaco-list-row", { hasText: "microsoft/iis" });
    await row.waitFor();
    const text = await row.innerText();
    assert.match(text, /moved to mcr\.microsoft\.com/);
    assert.match(text, /\bhostfit\s+retired-repository\b/);
    assert.match(text, /\[Ln 7, Col 6\]/);
    const link = row.locator("a", { hasText: "retired-repository" });
    assert.match(await link.getAttribute("href"), /\/docs\/rules\/retired-repository/);
    await command("View: Toggle Panel Visibility");
  },

  async "a hover says why, and links to the rule"() {
    const box = await hover();
    const text = await box.innerText();
    assert.match(text, /mcr\.microsoft\.com\/windows\/servercore\/iis/);
    // That of the problem, and that of the server's own text.
    const own = box.locator("a[data-href]", { hasText: "retired-repository" });
    assert.match(await own.getAttribute("data-href"), /\/docs\/rules\/retired-repository/);
    const link = box.locator("a.code-link", { hasText: "retired-repository" });
    assert.match(await link.getAttribute("href"), /\/docs\/rules\/retired-repository/);
    await page.keyboard.press("Escape");
  },

  async "a quick fix repairs the file, and nothing else in it"() {
    const before = read("web/Dockerfile");
    await quickFixes(7, "write `mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2019`");
    await page.keyboard.press("Enter");
    await squiggle.first().waitFor({ state: "detached" });
    await save();
    const line = "FROM mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2019\r\n";
    assert.equal(read("web/Dockerfile"), before.replace(/^FROM microsoft\/iis.*\r\n/m, line));
  },

  async "a chart is underlined in its values, explained in its template, and fixed"() {
    await openFile("cart/values.yaml");
    await squiggle.first().waitFor();
    assert.equal(await squiggle.count(), 1);
    assert.equal(await underlined(), "2022");
    await openFile("templates/cart.yaml");
    await ask("Control+g", ":11:64");
    await page.keyboard.press("Enter");
    await command("Show or Focus Hover");
    const box = page.locator(".monaco-hover:visible", { hasText: ".Values.image.tag" }).first();
    const text = await box.innerText();
    assert.match(text, /2022 \(cart\/values\.yaml:3\): cart/);
    assert.match(text, /ltsc2022 \(cart\/values-prod\.yaml:2\): cart with cart\/values-prod\.yaml/);
    await page.keyboard.press("Escape");
    await openFile("cart/values.yaml");
    const before = read("cart/values.yaml");
    await quickFixes(3, "ltsc2022");
    await page.keyboard.press("Enter");
    await squiggle.first().waitFor({ state: "detached" });
    await save();
    assert.equal(read("cart/values.yaml"), before.replace('"2022"', '"ltsc2022"'));
  },

  async "a change of the fleet on the disk is seen in another file"() {
    await openFile("deploy/web.yaml");
    await squiggle.first().waitFor();
    assert.equal(await underlined(), "nodeSelector");
    await lens.getByText("runs on 1 of 2 hosts, fails on 1").waitFor();
    const fleet = read("hostfit.toml");
    // With hosts of 2019 alone nothing can go wrong.
    write("hostfit.toml", fleet.replace(/\[\[host\]\]\nname = "win2022"[^[]*/, ""));
    await squiggle.first().waitFor({ state: "detached" });
    write("hostfit.toml", fleet);
    await squiggle.first().waitFor();
  },

  async "the picture"() {
    await command("View: Toggle Primary Side Bar Visibility");
    await command("Notifications: Clear All Notifications");
    await page.setViewportSize({ width: 1000, height: 600 });
    const noise = [
      ".cursors-layer",
      ".current-line",
      "[id='status.host']",
      "[id='status.forwardedPorts']",
      ".right-items .statusbar-item:not([id^='hostfit']):not([id='status.editor.mode'])",
    ];
    const style = await page.addStyleTag({ content: `${noise.join(", ")} { display: none !important }` });
    await openFile("deploy/web.yaml");
    await page.keyboard.press("Control+End");
    await squiggle.first().waitFor();
    const box = await hover();
    await box.getByText("no match for platform in manifest").waitFor();
    await box.getByText("may land on").waitFor();
    await lens.first().waitFor();
    const shown = UPNG.decode(await page.screenshot());
    // No more colours than a palette holds: a fifth of the bytes, and nobody sees it.
    const small = UPNG.encode(UPNG.toRGBA8(shown), shown.width, shown.height, 256);
    writeFileSync(join(work, "editor.png"), Buffer.from(small));
    await page.keyboard.press("Escape");
    await style.evaluate((it) => it.remove());
  },

  async "a quick fix pins the build"() {
    const before = read("deploy/web.yaml");
    await quickFixes(15, "add `node.kubernetes.io/windows-build: \"10.0.17763\"`");
    await page.screenshot({ path: join(work, "menu.png") });
    await page.keyboard.press("Enter");
    await squiggle.first().waitFor({ state: "detached" });
    await save();
    await lens.getByText(/^runs on 1 of 2 hosts$/).waitFor();
    const selector = "        kubernetes.io/os: windows\n";
    const pin = '        node.kubernetes.io/windows-build: "10.0.17763"\n';
    const after = read("deploy/web.yaml");
    assert.ok(after === before.replace(selector, selector + pin) || after === before.replace(selector, pin + selector), after);
  },

  async "lenses and hints come and go with their settings"() {
    assert.equal(await lens.innerText(), "runs on 1 of 2 hosts");
    mkdirSync(join(folder, ".vscode"));
    write(".vscode/settings.json", '{ "hostfit.codeLens": false, "hostfit.inlayHints": true }');
    await lens.waitFor({ state: "detached" });
    await openFile("worker/Dockerfile");
    await editor.locator(".view-line", { hasText: /\$\{WINDOWS\}.+:ltsc2022/ }).waitFor();
    write(".vscode/settings.json", "{}");
    await editor.locator(".view-line", { hasText: /\$\{WINDOWS\}.+:ltsc2022/ }).waitFor({ state: "detached" });
    await openFile("deploy/web.yaml");
    await lens.waitFor();
  },

  async "the matrix is shown, and allowed nothing"() {
    await lens.click();
    await page.locator(".tab.active", { hasText: "Matrix: shop" }).waitFor();
    const frame = await until("the page", async () => {
      for (const it of page.frames()) {
        if (await it.getByText("Deployment/web").count().catch(() => 0)) {
          return it;
        }
      }
      return undefined;
    });
    await frame.getByText("win2022").first().waitFor();
    await page.screenshot({ path: join(work, "matrix.png") });
    // Its script runs.
    await frame.getByLabel("Workload").first().fill("worker");
    await frame.getByText("Deployment/web").first().waitFor({ state: "hidden" });
    const policy = await frame.locator("meta[http-equiv=Content-Security-Policy]").first().getAttribute("content");
    assert.match(policy, /^default-src 'none'/);
    const refused = complaints.filter((it) => /Content Security Policy/.test(it) && /script|style/.test(it));
    assert.deepEqual(refused, [], "all that the page brings may run");
    await command("View: Close Editor");
  },

  async "a fleet comes from the clipboard into a new file, and from a file into what is there"() {
    rmSync(join(folder, "hostfit.toml"));
    const nodes = resolve("nodes.json");
    await page.evaluate((it) => navigator.clipboard.writeText(it), readFileSync(nodes, "utf8"));
    await command("hostfit: Import fleet");
    await widget.locator(".monaco-list-row", { hasText: "From the clipboard" }).click();
    await page.locator(".tab.active", { hasText: "hostfit.toml" }).waitFor();
    const first = read("hostfit.toml");
    assert.match(first, /^\[\[host\]\]$/m);
    assert.match(first, /^os = "10\.0\.26100\.4652"$/m);

    const noted = `# Ours.\n${first}`;
    write("hostfit.toml", noted.replace("4652", "1742"));
    await command("hostfit: Import fleet");
    await widget.locator(".monaco-list-row", { hasText: "From a file" }).click();
    // The dialog forgets what is typed while it still reads its folder.
    await widget.locator(".monaco-list-row", { hasText: "hostfit.toml" }).waitFor();
    await widget.locator("input.input").fill(nodes);
    await widget.locator(".monaco-list-row", { hasText: "nodes.json" }).waitFor();
    await widget.getByRole("button", { name: "Import" }).click();
    await until("the file is brought up to date", () => read("hostfit.toml") === noted);
  },

  async "a restart makes a new server of it"() {
    const [old] = servers();
    await command("hostfit: Restart server");
    await another(old);
    await ready();
  },

  async "a program that is not there is said, and found again"() {
    mkdirSync(join(folder, ".vscode"), { recursive: true });
    write(".vscode/settings.json", '{ "hostfit.path": "/nowhere/hostfit" }');
    await page.locator('[aria-label*="/nowhere/hostfit"]').first().waitFor();
    await until("the end of the server", () => servers().length === 0);
    await command("hostfit: Restart server");
    const message = page.locator(".notification-toast", { hasText: "/nowhere/hostfit" });
    await message.getByRole("button", { name: "How to install" }).waitFor();
    await command("Notifications: Clear All Notifications");
    write(".vscode/settings.json", "{}");
    await ready();
    assert.equal(servers().length, 1);
  },

  async "a server that dies is started again, whatever it was doing"() {
    // The second one dies while it starts.
    const [first] = servers();
    killServers();
    const second = await another(first);
    killServers();
    const own = await another(second);
    await ready();
    // None comes later, and none goes.
    await pause(3000);
    assert.deepEqual(servers(), [own]);
  },

  async "a server that keeps dying is given up, and can be started"() {
    const failed = page.locator('[aria-label^="The server ended with SIGKILL"]').first();
    await until("the server is given up", async () => {
      killServers();
      return failed.isVisible();
    });
    assert.deepEqual(servers(), []);
    const message = page.locator(".notification-toast", { hasText: "The server ended with SIGKILL" });
    await message.getByRole("button", { name: "Restart server" }).click();
    await ready();
    assert.equal(servers().length, 1);
    await command("Notifications: Clear All Notifications");
  },

  async "the status item shows what can be done"() {
    await page.locator('.statusbar-item[aria-label*="is ready"] a, .statusbar-item:has([aria-label*="is ready"]) a').first().click();
    for (const action of ["Show matrix", "Import fleet", "Restart server", "Show log", "Settings"]) {
      await widget.locator(".monaco-list-row", { hasText: action }).waitFor();
    }
    await page.keyboard.press("Escape");
  },
};

let step = "";
try {
  for (const [name, run] of Object.entries(steps)) {
    const start = Date.now();
    step = name;
    const result = await run();
    console.log(`${name}: ${result ?? `${Date.now() - start} ms`}`);
  }
  await close();
  step = "the server ends with its editor";
  await until("the end of the server", () => servers().length === 0);
  if (picture) {
    mkdirSync(dirname(picture), { recursive: true });
    copyFileSync(join(work, "editor.png"), picture);
  }
  console.log(`${Object.keys(steps).length} steps in ${Math.round((Date.now() - started) / 1000)} s`);
} catch (error) {
  console.error(`failed: ${step}\n${error.stack ?? error}`);
  writeFileSync(join(work, "console.log"), complaints.join("\n"));
  await page.screenshot({ path: join(work, "failed.png") }).catch(() => undefined);
  writeFileSync(join(work, "failed.txt"), await page.locator("body").innerText().catch(() => ""));
  await close().catch(() => undefined);
  console.error(`what was on the screen: ${join(work, "failed.png")}`);
  process.exitCode = 1;
}
