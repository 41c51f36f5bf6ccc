#!/usr/bin/env node
// Runs the program out of the package for this platform, which npm installs beside this one.
"use strict";

const { spawnSync } = require("node:child_process");

const name = `@hostfit/cli-${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "hostfit.exe" : "hostfit";

let program;
try {
  program = require.resolve(`${name}/bin/${file}`);
} catch {
  console.error(
    `hostfit: ${name} is not installed. Install again without --omit=optional; if there is no such package, ` +
      "`cargo install hostfit` builds hostfit for this platform.",
  );
  process.exit(2);
}

const done = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (done.error) {
  console.error(`hostfit: ${program} can't be run: ${done.error.message}`);
  process.exit(2);
}
if (done.signal) {
  process.kill(process.pid, done.signal);
}
process.exitCode = done.status ?? 2;
