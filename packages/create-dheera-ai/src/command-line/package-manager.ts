import { type PackageManagerName, packageManagers } from "../choices.ts";

/** Which package manager runs this, and its version, out of the `npm_config_user_agent` that all of them set. */
export function detectPackageManager(
  userAgent: string | undefined,
): { readonly name: PackageManagerName; readonly version: string } | undefined {
  // `pnpm/10.34.9 npm/? node/v26.10.0 linux x64`
  const [, word, version = ""] = /^(\w+)\/(\S+)/.exec(userAgent ?? "") ?? [];
  const name = packageManagers.find((candidate) => candidate === word);
  return name && { name, version };
}

/** How a script of package.json is run: `npm start`, `npm run ask`, `pnpm ask`. */
export function runScript(packageManager: PackageManagerName, script: string): string {
  if (packageManager === "bun") return `bun run ${script}`;
  const isShort = packageManager !== "npm" || script === "start" || script === "test";
  return isShort ? `${packageManager} ${script}` : `npm run ${script}`;
}

/** The file with the versions that were installed. */
export const lockFiles: Readonly<Record<PackageManagerName, string>> = {
  npm: "package-lock.json",
  pnpm: "pnpm-lock.yaml",
  yarn: "yarn.lock",
  bun: "bun.lock",
};
