import assert from "node:assert/strict";
import { homedir } from "node:os";
import { test } from "node:test";
import { Machine, findProgram } from "../src/search";

function machine(platform: NodeJS.Platform, env: Record<string, string>, files: string[]): Machine {
  const plain = (path: string): string => path.replaceAll("\\", "/").toLowerCase();
  return { platform, arch: "x64", env, isFile: (path) => files.map(plain).includes(plain(path)) };
}

test("the first on PATH is taken", () => {
  const linux = machine("linux", { PATH: "/a:/b:/c" }, ["/b/hostfit", "/c/hostfit"]);
  assert.equal(findProgram("", "/repo", linux), "/b/hostfit");
  assert.equal(findProgram("", "/repo", machine("linux", { PATH: "/a" }, [])), undefined);
  assert.equal(findProgram("", "/repo", machine("linux", {}, ["/repo/hostfit"])), undefined);
});

test("a repository does not bring its own through a relative entry", () => {
  const linux = machine("linux", { PATH: ".::bin:/b" }, ["hostfit", "./hostfit", "bin/hostfit", "/hostfit"]);
  assert.equal(findProgram("", "/repo", linux), undefined);
});

test("a setting comes first, and nothing else then", () => {
  const linux = machine("linux", { PATH: "/b" }, ["/b/hostfit", "/opt/hostfit", "/repo/bin/hostfit", `${homedir()}/hostfit`]);
  assert.equal(findProgram("/opt/hostfit", "/repo", linux), "/opt/hostfit");
  assert.equal(findProgram("~/hostfit", "/repo", linux), `${homedir()}/hostfit`);
  assert.equal(findProgram("${workspaceFolder}/bin/hostfit", "/repo", linux), "/repo/bin/hostfit");
  assert.equal(findProgram("${workspaceFolder}/bin/hostfit", undefined, linux), undefined);
  assert.equal(findProgram("/gone/hostfit", "/repo", linux), undefined);
});

test("Windows has `Path`, semicolons and .exe", () => {
  const windows = machine("win32", { Path: "C:\\a;C:\\Program Files\\b" }, ["C:/Program Files/b/hostfit.exe"]);
  assert.equal(findProgram("", "C:\\repo", windows), "C:\\Program Files\\b\\hostfit.exe");
  assert.equal(findProgram("C:\\Program Files\\b\\hostfit", undefined, windows), "C:\\Program Files\\b\\hostfit.exe");
});

test("behind npm's batch file its program is found", () => {
  const own = "@hostfit/cli-win32-x64/bin/hostfit.exe";
  const shared = ["C:/npm/hostfit.cmd", `C:/npm/node_modules/hostfit/node_modules/${own}`];
  const windows = machine("win32", { PATH: "C:\\npm" }, shared);
  assert.equal(findProgram("", undefined, windows)?.replaceAll("\\", "/"), shared[1]);

  const local = ["C:/repo/node_modules/.bin/hostfit.cmd", `C:/repo/node_modules/${own}`];
  const setting = "${workspaceFolder}\\node_modules\\.bin\\hostfit.cmd";
  assert.equal(findProgram(setting, "C:\\repo", machine("win32", {}, local))?.replaceAll("\\", "/"), local[1]);
  // Without the batch file it is none of its business.
  assert.equal(findProgram("", undefined, machine("win32", { PATH: "C:\\npm" }, shared.slice(1))), undefined);
});
