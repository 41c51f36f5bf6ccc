/** Where the program is. No `vscode` in here, so that it is tested without one. */
import { homedir } from "node:os";
import * as posix from "node:path/posix";
import * as win32 from "node:path/win32";

/** What is known of the machine. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  env: Record<string, string | undefined>;
  isFile(path: string): boolean;
}

/** The program of a setting, or, where that is empty, the first on `PATH`. Nothing if there is none. */
export function findProgram(setting: string, folder: string | undefined, machine: Machine): string | undefined {
  const path = machine.platform === "win32" ? win32 : posix;
  if (setting !== "") {
    const named = expand(setting, folder);
    return path.isAbsolute(named) ? startable(named, machine) : undefined;
  }
  for (const entry of (onPath(machine) ?? "").split(path.delimiter)) {
    // What `.` means depends on who asks: a repository must not bring its own program.
    const found = path.isAbsolute(entry) ? startable(path.join(entry, "hostfit"), machine) : undefined;
    if (found) {
      return found;
    }
  }
  return undefined;
}

/** Windows calls it `Path`, and nothing but `process.env` knows that this is the same. */
function onPath({ platform, env }: Machine): string | undefined {
  const name = platform === "win32" ? Object.keys(env).find((it) => it.toUpperCase() === "PATH") : "PATH";
  return name === undefined ? undefined : env[name];
}

function expand(setting: string, folder: string | undefined): string {
  const home = /^~(?=$|[/\\])/.test(setting) ? homedir() + setting.slice(1) : setting;
  return folder === undefined ? home : home.replaceAll("${workspaceFolder}", folder);
}

/** The file that can be started without a shell, which would read meaning into arguments. */
function startable(named: string, machine: Machine): string | undefined {
  if (machine.platform !== "win32") {
    return machine.isFile(named) ? named : undefined;
  }
  const stem = named.replace(/\.(exe|cmd|ps1)$/i, "");
  // npm puts a batch file on the path; what it starts lies beside it.
  const own = `@hostfit/cli-win32-${machine.arch}/bin/hostfit.exe`;
  const folder = win32.dirname(stem);
  const candidates = [
    `${stem}.exe`,
    win32.join(folder, "node_modules/hostfit/node_modules", own),
    win32.join(folder, "node_modules", own),
    win32.join(folder, "..", own),
  ];
  const isBatch = machine.isFile(`${stem}.cmd`);
  return candidates.slice(0, isBatch ? undefined : 1).find((it) => machine.isFile(it));
}
