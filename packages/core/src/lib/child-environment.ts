import type { Environment } from "./environment.ts";

/** What a process needs to run, and to find the libraries that native modules load. */
const needed = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "windir", "TEMP", "TMP", "TMPDIR"];

/**
 * What a child gets of the environment: no keys, which it has no use for, and none of the options of Node.js, which are
 * meant for this process. Where Yarn has no `node_modules`, those options are how modules are found.
 * @param more names that this child needs besides
 */
export function childEnvironment(environment: Environment, more: readonly string[] = []): Record<string, string> {
  const names = "pnp" in process.versions ? [...needed, ...more, "NODE_OPTIONS"] : [...needed, ...more];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
