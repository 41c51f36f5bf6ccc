// Runs hostfit over trees, and has each of its formats read back by programs of others: every file, line and message that
// `--format json` tells has to be found. Called by `cargo xtask formats`: node readers.mjs HOSTFIT FIXTURES FOLDER
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import * as core from "@actions/core";
import { RDFormatValidator } from "@umbrelladocs/rdformat-validator";
import { DOMParser } from "@xmldom/xmldom";

const require = createRequire(import.meta.url);
const { commandFromString } = require("azure-pipelines-task-lib/taskcommand");
const { parse } = require("test-results-parser");

const [hostfit, fixtures, folder] = process.argv.slice(2).map((it) => path.resolve(it));

function check(tree, format, ...args) {
  const all = ["check", "-q", "--as-of", "2026-11-21", "--format", format, ...args];
  const run = spawnSync(hostfit, all, { cwd: tree, maxBuffer: 1 << 30, encoding: "utf8" });
  assert.ok(run.status === 0 || run.status === 1, `${all} in ${tree}: ${run.error ?? run.stderr}`);
  return run.stdout;
}

const HARMFUL = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]/u;

/**
 * A text as one line may show it: blanks for what ends a line, question marks for each byte of what a terminal or a log
 * would obey, and for the first character of a command to a CI server.
 */
function shown(text) {
  let isStart = true;
  return [...text.matchAll(/./gsu)].map(({ 0: char, index }) => {
    const rest = text.slice(index);
    const isCommand = isStart && rest.startsWith("::") || /^##(\[|vso\[|teamcity\[)/i.test(rest);
    const out = "\t\n\r".includes(char) ? " " : isCommand || HARMFUL.test(char) ? "?".repeat(Buffer.byteLength(char)) : char;
    isStart = /^\s/u.test(out);
    return out;
  }).join("");
}

/** The lines of a finding's text: its headline, its notes, its help. */
function lines({ message, notes, help, fleet }, fit = (text) => text) {
  const all = [...notes, ...(fleet ? [`judged against ${fleet}`] : [])];
  return [fit(message), ...all.map((note) => `note: ${fit(note)}`), ...(help ? [`help: ${fit(help)}`] : [])];
}

/** Names of files and texts in them that try to break a format. */
function hostileTree() {
  const tree = path.join(folder, "hostile-tree");
  fs.rmSync(tree, { recursive: true, force: true });
  const write = (name, bytes) => {
    const file = path.join(tree, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
  };
  fs.mkdirSync(path.join(tree, ".git"), { recursive: true });
  const from = "FROM mcr.microsoft.com/windows/servercore:2022\n";
  const names = ["a b", "100%25", "c,d;e]f[g", "it's &", "é漢😀", "-dash", "#h"];
  // Windows does not permit these.
  const more = ["c:d", '"quoted" <tag>', "new\nline", "back\\slash", "what?x=1", "tab\t"];
  for (const name of process.platform === "win32" ? names : [...names, ...more]) {
    write(`${name}/Dockerfile`, `# é😀\n${from}`);
  }
  write("bom.Dockerfile", `\ufeff${from}`);
  write("wide.Dockerfile", Buffer.from(`\ufeff# é😀\r\n${from}`, "utf16le"));
  write("silent.Dockerfile", `# hostfit: ignore[unknown-tag] it's [our](1) <mirror>\n${from}`);
  const value = '"hy\\e[1m]%0A%25;,:x\\n::error::x\\r\\n##vso[task.complete]\\0\\x9b\\u202e]]><b>&\\t[a](1) `{0}"';
  write("compose.yaml", `services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n    isolation: ${value}\n`);
  write("chart/Chart.yaml", "name: x\nversion: 1.0.0\n");
  write("chart/templates/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\n");
  return tree;
}

const readers = {
  sarif(text, { findings }, name) {
    fs.writeFileSync(path.join(folder, `${name}.sarif`), text);
    const results = JSON.parse(text).runs[0].results.filter((it) => it.suppressions.length === 0);
    const seen = results.map(({ ruleId, message, locations: [{ physicalLocation: it }] }) => {
      assert.equal(it.artifactLocation.uriBaseId, "%SRCROOT%");
      const { startLine: line, startColumn: column, byteOffset: offset } = it.region;
      return { rule: ruleId, path: decodeURIComponent(it.artifactLocation.uri), line, column, offset, message: message.text };
    });
    assert.equal(seen.length, findings.length);
    findings.forEach((finding, at) => {
      const { message: text, ...place } = seen[at];
      assert.deepEqual(place, { rule: finding.rule, path: finding.path, ...finding.range.start });
      const [headline, ...rest] = lines(finding);
      const end = rest.map((line) => `\n${line}`).join("");
      assert.ok(text.endsWith(end), text);
      const start = text.slice(0, text.length - end.length);
      assert.ok(start === headline || start.startsWith(`${headline}; see [`), text);
    });
  },
  // GitHub's own writer has to write the same bytes, but for the order of the properties.
  github(text, { findings }) {
    const written = [];
    const write = process.stdout.write;
    process.stdout.write = (line) => written.push(line.replace("\r\n", "\n"));
    try {
      for (const finding of findings) {
        const { rule, severity, path: file, range: { start, end }, url } = finding;
        const endLine = end.column === 1 && end.line > start.line ? end.line - 1 : end.line;
        const columns = start.line === end.line ? { startColumn: start.column, endColumn: end.column } : {};
        const place = { title: shown(`${file}: ${rule}`), file: shown(file), startLine: start.line, endLine, ...columns };
        ({ error: core.error, warning: core.warning, info: core.notice })[severity]([...lines(finding, shown), url].join("\n"), place);
      }
    } finally {
      process.stdout.write = write;
    }
    const sorted = (line) => line.replace(/^(::\w+ )(.*?)(::.*)/s, (_, command, properties, message) =>
      command + properties.split(",").sort().join(",") + message);
    assert.deepEqual(text.split(/(?<=\n)/).filter(Boolean).map(sorted), written.map(sorted));
  },
  azure(text, { findings }) {
    const seen = text.split("\n").slice(0, -1).map((line) => {
      const { command, properties, message } = commandFromString(line);
      return { command, ...properties, message };
    });
    assert.deepEqual(seen, findings.map(({ rule, severity, path, range: { start }, ...finding }) => ({
      command: "task.logissue",
      type: severity === "error" ? "error" : "warning",
      sourcepath: shown(path),
      linenumber: `${start.line}`,
      columnnumber: `${start.column}`,
      code: rule,
      message: lines(finding, shown).join("\n"),
    })));
  },
  gitlab(text, { findings }) {
    const seen = JSON.parse(text);
    assert.deepEqual(seen.map(({ description, check_name, severity, location: { path, lines: { begin } } }) => ({ description, check_name, severity, path, begin })),
      findings.map(({ rule, severity, path, range: { start }, ...finding }) => ({
        description: lines(finding).join("\n"), check_name: rule, severity: { error: "major", warning: "minor", info: "info" }[severity], path, begin: start.line,
      })));
    const fingerprints = seen.map(({ fingerprint }) => fingerprint);
    assert.equal(new Set(fingerprints).size, fingerprints.length, "GitLab drops findings of one fingerprint");
  },
  async rdjson(text, { findings }) {
    const { valid, errors } = await new RDFormatValidator({ strictMode: true }).validateString(text);
    assert.ok(valid, JSON.stringify(errors));
    const seen = JSON.parse(text).diagnostics.map(({ message, location: { path, range: { start } }, severity, code }) =>
      ({ rule: code.value, severity: severity.toLowerCase(), path, line: start.line, message }));
    assert.deepEqual(seen, findings.map(({ rule, severity, path, range: { start }, ...finding }) =>
      ({ rule, severity, path, line: start.line, message: lines(finding).join("\n") })));
  },
  checkstyle(text, { findings }) {
    const seen = elements(text, "error").map((it) => ({
      path: it.parentNode.getAttribute("name"),
      rule: it.getAttribute("source").replace("hostfit.", ""),
      line: Number(it.getAttribute("line")),
      column: Number(it.getAttribute("column")),
      severity: it.getAttribute("severity"),
      message: it.getAttribute("message"),
    }));
    assert.deepEqual(seen, findings.map(({ rule, severity, path, range: { start: { line, column } }, ...finding }) =>
      ({ path: shown(path), rule, line, column, severity, message: lines(finding, shown).join("\n") })));
  },
  junit(text, { findings, summary }, name) {
    const seen = elements(text, "testcase").filter((it) => it.hasAttribute("line")).map((it) => {
      const [failure] = it.getElementsByTagName("failure");
      const place = [it.getAttribute("file"), Number(it.getAttribute("line"))];
      return JSON.stringify([...place, failure ? failure.getAttribute("message") : it.textContent.trim()]);
    });
    const expected = findings.map(({ rule, severity, path, range: { start: { line, column } }, url, ...finding }) => {
      const [headline, ...rest] = lines(finding, shown);
      const all = [`${shown(path)}:${line}:${column}: info[${rule}]: ${headline}`, ...rest, url].join("\n");
      return JSON.stringify([shown(path), line, severity === "info" ? all : headline]);
    });
    assert.deepEqual(seen.sort(), expected.sort());
    const file = path.join(folder, `${name}.junit.xml`);
    fs.writeFileSync(file, text);
    assert.equal(parse({ type: "junit", files: [file] }).failed, summary.errors + summary.warnings);
  },
};

function elements(xml, name) {
  // The replacement character is a warning.
  const onError = (level, message) => level === "warning" || assert.fail(`${level}: ${message}`);
  return [...new DOMParser({ onError }).parseFromString(xml, "text/xml").getElementsByTagName(name)];
}

/** Everything in these files that Microsoft's validator, with GitHub's rules, calls an error or a warning. */
function multitool(files) {
  const home = path.dirname(require.resolve(`@microsoft/sarif-multitool-${process.platform}/package.json`));
  const program = path.join(home, process.platform === "win32" ? "Sarif.Multitool.exe" : "Sarif.Multitool");
  fs.chmodSync(program, 0o755);
  const report = path.join(folder, "multitool.json");
  fs.rmSync(report, { force: true });
  spawnSync(program, ["validate", ...files, "--rule-kind", "Sarif;Ghas", "--output", report], { stdio: ["ignore", "ignore", "inherit"] });
  const [{ results, invocations }] = JSON.parse(fs.readFileSync(report, "utf8").replace(/^\ufeff/, "")).runs;
  const failures = invocations.flatMap((it) => it.toolExecutionNotifications ?? []);
  return [...results, ...failures].filter(({ level }) => level !== "note" && level !== "none");
}

/** A file that the validator has to find fault with, so that its silence means something. */
function broken(file) {
  const log = JSON.parse(fs.readFileSync(file, "utf8"));
  log.runs[0].results[0].ruleIndex = 1000;
  const copy = path.join(folder, "broken.sarif");
  fs.writeFileSync(copy, JSON.stringify(log));
  return copy;
}

const trees = [
  ["demo", path.join(fixtures, "demo")],
  ["fixtures", fixtures, "--config", "demo/hostfit.toml"],
  ["fixtures-without-fleet", fixtures],
  ["hostile", hostileTree()],
];
for (const seed of fs.readdirSync(path.join(fixtures, "seeds"), { withFileTypes: true })) {
  if (seed.isDirectory()) trees.push([`seed-${seed.name}`, path.join(fixtures, "seeds", seed.name)]);
}
for (const [name, tree, ...args] of trees) {
  const json = JSON.parse(check(tree, "json", ...args));
  for (const [format, read] of Object.entries(readers)) {
    const text = check(tree, format, ...args);
    try {
      await read(text, json, name);
    } catch (error) {
      console.error(`${name}: ${format} is not read as it was meant`);
      throw error;
    }
  }
}
// The fixtures hold all seeds.
const sarif = trees.slice(0, 4).map(([name]) => path.join(folder, `${name}.sarif`));
assert.deepEqual(multitool(sarif), [], "sarif-multitool");
assert.notDeepEqual(multitool([broken(sarif[0])]), [], "sarif-multitool sees nothing");
console.log(`${trees.length} trees in ${Object.keys(readers).length} formats: every finding is read`);
