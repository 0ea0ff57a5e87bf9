import { DheeraError } from "../errors.ts";

/** The oldest Node.js that this runs on, as `engines` of package.json says too. */
export const oldestNode = "22.19";

/**
 * An older Node.js lacks functions that are used here, and would fail in the middle of a request without naming itself.
 * @throws DheeraError `internal` naming both versions
 */
export function requireNode(versions: Readonly<Record<string, string | undefined>> = processVersions()): void {
  const { node, bun, deno } = versions;
  // Others name a Node.js that they resemble, which says nothing about the functions they have.
  if (node === undefined || bun !== undefined || deno !== undefined || !isOlder(node, oldestNode)) return;
  throw new DheeraError("internal", `dheera-ai needs Node.js ${oldestNode} or newer; this is ${node}`);
}

function processVersions(): Readonly<Record<string, string | undefined>> {
  return typeof process === "undefined" ? {} : (process.versions ?? {});
}

function isOlder(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
