import { availableParallelism } from "node:os";

/**
 * Threads of each child where the configuration names no number: the processors that this process may use, divided. On
 * Node.js that number knows the quota of a container (libuv reads both versions of cgroups).
 */
export function defaultThreads(instances: number, processors: number = availableParallelism()): number {
  return Math.max(1, Math.floor(processors / instances));
}
