import * as v from "valibot";

/** A function as V8's sampling heap profiler knows it: what it allocated itself, and what it called. */
export interface Allocating {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  /** Bytes. */
  readonly selfSize: number;
  readonly children: readonly Allocating[];
}

export const allocatingSchema: v.GenericSchema<unknown, Allocating> = v.object({
  callFrame: v.object({ functionName: v.string(), url: v.string(), lineNumber: v.number() }),
  selfSize: v.number(),
  children: v.lazy(() => v.array(allocatingSchema)),
});

/** Bytes by name. `own` counts what was allocated there; `with` adds what was allocated in what it called. */
export interface Sum {
  own: number;
  with: number;
}

/** Adds up a tree by whatever its functions are called together: their package, or each by its own name. */
export function addUp(root: Allocating, nameOf: (allocating: Allocating) => string): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  const visit = (allocating: Allocating, callers: ReadonlySet<string>): number => {
    const name = nameOf(allocating);
    const named = callers.has(name) ? callers : new Set([...callers, name]);
    let bytes = allocating.selfSize;
    for (const child of allocating.children) bytes += visit(child, named);
    const sum = sums.get(name) ?? { own: 0, with: 0 };
    sum.own += allocating.selfSize;
    // Of functions that call themselves the outermost has it all.
    if (named !== callers) sum.with += bytes;
    sums.set(name, sum);
    return bytes;
  };
  visit(root, new Set());
  return sums;
}

/** The package of a function: a folder of this workspace, a package from npm, or a part of Node.js. */
export function packageOf({ callFrame: { url, functionName } }: Allocating): string {
  const npm = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url);
  if (npm) return npm[1] ?? url;
  if (url.startsWith("node:")) return url.split("/").slice(0, 2).join("/");
  const own = /\/((?:packages|apps)\/[^/]+|bench)\//.exec(url);
  return own?.[1] ?? (functionName === "(root)" ? "(root)" : "V8");
}

export function functionOf(allocating: Allocating): string {
  const { functionName, url, lineNumber } = allocating.callFrame;
  if (url === "") return functionName;
  const file = url.replace(/^.*\/node_modules\//, "").replace(/^.*\/((?:packages|apps|bench)\/)/, "$1");
  return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
}
