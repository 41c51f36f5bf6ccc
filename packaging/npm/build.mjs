// Writes the folders that `npm pack` and `npm publish` take.
//
//   node packaging/npm/build.mjs OUT VERSION                     the package `hostfit`, which has the launcher
//   node packaging/npm/build.mjs OUT VERSION PLATFORM PROGRAM    the package of one platform, as `linux-x64`
import { chmodSync, copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// As Node calls the system and the processor. The Linux programs are static: they run with glibc and with musl.
const PLATFORMS = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-arm64", "win32-x64"];

const here = dirname(fileURLToPath(import.meta.url));
const [out, version, platform, program] = process.argv.slice(2);
if (!version || (platform && !(PLATFORMS.includes(platform) && program))) {
  console.error(`node packaging/npm/build.mjs OUT VERSION [PLATFORM PROGRAM], where PLATFORM is one of ${PLATFORMS.join(", ")}`);
  process.exit(2);
}

const common = {
  version,
  license: "MIT OR Apache-2.0",
  repository: { type: "git", url: "git+https://github.com/hostfit/hostfit.git" },
  homepage: "https://github.com/hostfit/hostfit",
};

function write(name, manifest) {
  const folder = join(out, name);
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ ...manifest, ...common }, null, 2)}\n`);
  for (const file of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    copyFileSync(join(here, "../..", file), join(folder, file));
  }
  return folder;
}

if (platform) {
  const [os, cpu] = platform.split("-");
  const folder = write(`cli-${platform}`, {
    name: `@hostfit/cli-${platform}`,
    description: `hostfit for ${platform}; install \`hostfit\` instead`,
    os: [os],
    cpu: [cpu],
    // Yarn would keep it in an archive, out of which nothing can be run.
    preferUnplugged: true,
  });
  const copy = join(folder, "bin", os === "win32" ? "hostfit.exe" : "hostfit");
  copyFileSync(program, copy);
  chmodSync(copy, 0o755);
} else {
  const folder = write("hostfit", {
    name: "hostfit",
    description: "Will every container image in these files run on every Windows host they may land on?",
    keywords: ["windows", "containers", "docker", "kubernetes", "compose", "linter"],
    bin: { hostfit: "bin/hostfit.js" },
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(PLATFORMS.map((it) => [`@hostfit/cli-${it}`, version])),
  });
  cpSync(join(here, "bin"), join(folder, "bin"), { recursive: true });
  copyFileSync(join(here, "../..", "README.md"), join(folder, "README.md"));
}
