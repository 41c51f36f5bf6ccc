// Makes code-server of what npm brought without running any script: `node install.mjs`, in the folder of node_modules.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { platform } from "node:process";

const home = resolve("node_modules/code-server");
const code = join(home, "lib/vscode");
const done = join(home, "installed-for");

// What is compiled fits one Node.js only.
if (existsSync(done) && readFileSync(done, "utf8") === process.version) {
  process.exit();
}

// Its install script wants a download; a later argon2 brings what it needs, and lies where it is looked for next.
rmSync(join(home, "node_modules/argon2"), { recursive: true, force: true });

const npm = platform === "win32" ? "npm.cmd" : "npm";
run(npm, ["install", "--omit=dev", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"], code);

const gyp = resolve("node_modules/node-gyp/bin/node-gyp.js");
// Debian's Node.js comes with its headers, which need not be downloaded then.
const prefix = dirname(dirname(process.execPath));
const headers = existsSync(join(prefix, "include/node/node_api.h")) ? [`--nodedir=${prefix}`] : [];
for (const name of ["@vscode/spdlog", "native-watchdog", "node-pty"]) {
  run(process.execPath, [gyp, "rebuild", ...headers], join(code, "node_modules", name));
}

// VS Code looks for files with it; its package would download it.
const ripgrep = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "rg")).find((it) => existsSync(it));
const bin = join(code, "node_modules/@vscode/ripgrep/bin");
if (ripgrep && !existsSync(join(bin, "rg"))) {
  mkdirSync(bin, { recursive: true });
  symlinkSync(ripgrep, join(bin, "rg"));
}

// Extensions look for the modules of VS Code under this name.
const asar = join(code, "node_modules.asar");
if (!existsSync(asar)) {
  symlinkSync("node_modules", asar);
}
writeFileSync(done, process.version);

function run(program, words, cwd) {
  console.log(`$ ${program} ${words.join(" ")}  # in ${cwd}`);
  const { status, error, stdout, stderr } = spawnSync(program, words, { cwd, encoding: "utf8" });
  if (status !== 0) {
    throw error ?? new Error(`${program} ended with ${status}\n${stdout}${stderr}`);
  }
}
