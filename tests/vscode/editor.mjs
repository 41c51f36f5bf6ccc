// A VS Code in a browser: code-server with one extension, and a Chromium that shows it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ENTRY = resolve("node_modules/code-server/out/node/entry.js");
const CHROMIUM = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  // Nothing but this machine is asked for anything.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
const FONTS = {
  "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "mono.woff2": "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
};
const STYLE = `
  @font-face { font-family: Inter; font-weight: 100 900; src: url(/fonts-of-the-test/inter.woff2) }
  @font-face { font-family: Mono; font-weight: 100 900; src: url(/fonts-of-the-test/mono.woff2) }
  .monaco-workbench { font-family: Inter, sans-serif !important }
`;

/** Installs an extension, starts the editor on a folder with some settings, and shows it. `home` is its own. */
export async function open({ extension, folder, settings, home }) {
  mkdirSync(join(home, "user/User"), { recursive: true });
  writeFileSync(join(home, "user/User/settings.json"), JSON.stringify(settings, null, 2));
  writeFileSync(join(home, "config.yaml"), "");
  const words = [
    ENTRY,
    ...["--config", join(home, "config.yaml")],
    ...["--user-data-dir", join(home, "user")],
    ...["--extensions-dir", join(home, "extensions")],
  ];
  const env = {
    ...process.env,
    EXTENSIONS_GALLERY: "{}",
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
  };
  const installed = spawnSync(process.execPath, [...words, "--install-extension", extension], { env, encoding: "utf8" });
  if (installed.status !== 0) {
    throw new Error(`the extension cannot be installed: ${installed.stdout}${installed.stderr}`);
  }
  const server = spawn(
    process.execPath,
    [
      ...words,
      ...["--auth", "none", "--bind-addr", "127.0.0.1:0"],
      "--disable-getting-started-override",
      "--disable-telemetry",
      "--disable-update-check",
      "--disable-workspace-trust",
    ],
    { env, stdio: ["ignore", "pipe", "pipe"] },
  );
  const log = createWriteStream(join(home, "code-server.log"));
  server.stderr.pipe(log);
  try {
    const url = await address(server, log);
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", chromiumSandbox: false, args: CHROMIUM });
    const context = await browser.newContext({
      viewport: { width: 1200, height: 620 },
      deviceScaleFactor: 2,
      colorScheme: "dark",
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    await page.route("**/fonts-of-the-test/*", (route) => {
      const name = new URL(route.request().url()).pathname.split("/").pop();
      const file = fileURLToPath(import.meta.resolve(FONTS[name]));
      return route.fulfill({ contentType: "font/woff2", body: readFileSync(file) });
    });
    const complaints = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${error}`));
    await page.goto(`${url}?folder=${encodeURIComponent(folder)}`);
    await page.addStyleTag({ content: STYLE });
    // Keys that are pressed earlier are lost.
    await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: 120_000 });
    const close = async () => {
      await browser.close();
      const ended = once(server, "exit");
      server.kill();
      await ended;
    };
    return { page, complaints, close };
  } catch (error) {
    server.kill();
    throw error;
  }
}

/** Where it listens: it says so. */
function address(server, log) {
  return new Promise((found, failed) => {
    createInterface(server.stdout).on("line", (line) => {
      log.write(`${line}\n`);
      const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(line) ?? [];
      if (url) {
        found(url);
      }
    });
    server.on("error", failed);
    server.on("exit", (status) => failed(new Error(`code-server ended with ${status}: see its log`)));
  });
}
