import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * Threads of each child where the configuration names no number: the processors that this process may use, divided. What
 * Node.js says of them knows affinity and most quotas, but not that of every container: libuv looks for cgroups of
 * version 1 under one of their names only.
 */
export function defaultThreads(
  instances: number,
  processors: number = availableParallelism(),
  quota: number = cpuQuota(),
): number {
  return Math.max(1, Math.floor(Math.min(processors, Math.max(1, quota)) / instances));
}

/**
 * The processors that the group of this process, or one that it is in, may use in all; Infinity where nothing limits them.
 * @param read Gives the text of a file; throws where there is none.
 */
export function cpuQuota(read: (path: string) => string = (path) => readFileSync(path, "utf8")): number {
  const lines = readOr("", () => read("/proc/self/cgroup")).split("\n");
  const quotas = lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    // Within a container its own group may be mounted as the root, whatever its path is called.
    const groups = ancestors(path);
    if (controllers === "")
      return groups.map((group) => readOr(Infinity, () => quotaOf(read(`${root}${group}/cpu.max`))));
    if (!controllers.split(",").includes("cpu")) return [];
    return groups.map((group) =>
      readOr(Infinity, () => {
        const file = (name: string): string => read(`${root}/${controllers}${group}/cpu.cfs_${name}_us`).trim();
        return quotaOf(`${file("quota")} ${file("period")}`);
      }),
    );
  });
  return Math.min(Infinity, ...quotas);
}

const root = "/sys/fs/cgroup";

/** `/a/b`, `/a` and the root, which is empty. */
function ancestors(path: string): readonly string[] {
  const names = path.split("/").filter((name) => name !== "");
  return Array.from({ length: names.length + 1 }, (_, up) =>
    names
      .slice(0, names.length - up)
      .map((name) => `/${name}`)
      .join(""),
  );
}

/** Of `50000 100000`, microseconds of each period; `max` and -1 stand for no limit. */
function quotaOf(text: string): number {
  const [quota = 0, period = 0] = text.split(/\s+/).map(Number);
  return quota > 0 && period > 0 ? quota / period : Infinity;
}

function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
