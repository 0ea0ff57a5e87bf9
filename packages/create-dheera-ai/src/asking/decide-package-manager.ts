import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { Choices } from "../choices.ts";
import type { Flags } from "../command-line/flags.ts";
import { detectPackageManager } from "../command-line/package-manager.ts";
import type { Terminal } from "../terminal.ts";

/** The one that was named, or else the one that runs this, or else npm. */
export async function decidePackageManager(
  { packageManager }: Flags,
  { cwd, environment }: Terminal,
): Promise<Pick<Choices, "packageManager" | "packageManagerMajor" | "isYarnClassic">> {
  const running = detectPackageManager(environment["npm_config_user_agent"]);
  const name = packageManager ?? running?.name ?? "npm";
  if (name !== "yarn" && name !== "pnpm") return { packageManager: name, isYarnClassic: false };
  const version = running?.name === name ? running.version : await askVersion(name, cwd, environment);
  const major = /^(\d+)\./.exec(version)?.[1];
  return {
    packageManager: name,
    ...(major !== undefined && { packageManagerMajor: major }),
    isYarnClassic: name === "yarn" && major === "1",
  };
}

/** @returns nothing where it is not installed */
async function askVersion(name: string, cwd: string, environment: Terminal["environment"]): Promise<string> {
  const options = { cwd, env: { ...environment }, shell: process.platform === "win32" };
  return promisify(execFile)(name, ["--version"], options).then(
    ({ stdout }) => stdout,
    () => "",
  );
}
