import { readdirSync, readFileSync } from "node:fs";

/** Process ids of the children of a process that run, on Linux. */
export function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [, state, of] = /^\d+ \(.*\) (\S) (\d+)/s.exec(statusOf(name)) ?? [];
      return Number(of) === parent && state !== "Z" && state !== "X" ? [Number(name)] : [];
    });
}

/** Empty for a process that has just ended. */
function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}
