import { readFileSync, readdirSync } from "node:fs";

/** A process and all that it started, the first one first. Linux only. */
export function processesOf(pid: number): readonly number[] {
  const children = threadsOf(pid).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processesOf)];
}

/** Milliseconds of processor time of all threads of a process, to the nanosecond. Linux only. */
export function cpuMilliseconds(pid: number): number {
  let sum = 0;
  for (const thread of threadsOf(pid)) sum += nanoseconds(pid, thread);
  return sum / 1e6;
}

function threadsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/task`);
}

/** A thread may end between two looks; then it counts no more. */
function nanoseconds(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    return 0;
  }
}
