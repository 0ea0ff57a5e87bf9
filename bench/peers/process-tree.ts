import { readFileSync, readdirSync } from "node:fs";

const ticksPerSecond = 100;

/** What a process and all that it has started use. */
export interface Usage {
  /** Processor time, those included that have ended since. */
  readonly seconds: number;
  /** Resident memory; what several of them share counts for each. */
  readonly megabytes: number;
}

/** Linux only. @throws Error when there is no such process */
export function usageOf(pid: number): Usage {
  const children = childrenOfAll();
  const usage = { seconds: 0, megabytes: 0 };
  for (const member of treeOf(pid, children)) {
    const { seconds, megabytes } = usageOfOne(member, member === pid);
    usage.seconds += seconds;
    usage.megabytes += megabytes;
  }
  return usage;
}

function treeOf(pid: number, children: ReadonlyMap<number, readonly number[]>): readonly number[] {
  return [pid, ...(children.get(pid) ?? []).flatMap((child) => treeOf(child, children))];
}

function childrenOfAll(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? Number(fieldsOf(pid)?.[1]) : Number.NaN;
    if (Number.isNaN(parent)) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(pid);
    else children.set(parent, [pid]);
  }
  return children;
}

function usageOfOne(pid: number, required: boolean): Usage {
  const fields = fieldsOf(pid);
  // A child that has ended in the meantime is in its parent's sum.
  if (!fields) {
    if (required) throw new Error(`there is no process ${pid}`);
    return { seconds: 0, megabytes: 0 };
  }
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  return { seconds: ticks / ticksPerSecond, megabytes: megabytesOf(pid) };
}

function megabytesOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`) ?? "")?.[1] ?? 0) / 1024;
}

/** The fields of `/proc/<pid>/stat` behind the program's name, which may hold anything. */
function fieldsOf(pid: number): readonly string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
