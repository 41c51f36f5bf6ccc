// Bundles the extension into dist/extension.js; with --tests, the tests into dist/tests.
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
process.chdir(here);

const common = { bundle: true, platform: "node", target: "node20", logLevel: "warning" };
if (process.argv.includes("--tests")) {
  const tests = readdirSync("tests").filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: tests.map((name) => join("tests", name)),
    format: "esm",
    outdir: "dist/tests",
    outExtension: { ".js": ".mjs" },
  });
} else {
  await build({
    ...common,
    entryPoints: ["src/extension.ts"],
    external: ["vscode"],
    format: "cjs",
    minify: true,
    legalComments: "linked",
    outfile: "dist/extension.js",
  });
  // The package needs them; the repository has them at its root.
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    const root = join(here, "../..", name);
    if (!existsSync(name) && existsSync(root)) {
      copyFileSync(root, name);
    }
  }
}
