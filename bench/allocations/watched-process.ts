import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import * as v from "valibot";

import { endWithUs } from "../proxy/processes.ts";
import { type Runtime, runtimes } from "../proxy/servers/gateway.ts";
import { type Allocating, allocatingSchema } from "./allocating.ts";
import type { Question } from "./answer-parent.ts";

/** A process that says what it has allocated. */
export interface WatchedProcess extends AsyncDisposable {
  /** What it said when it was ready. */
  readonly greeting: string;
  /** Bytes in the heap of V8 since it began, whether they are still in use or not. */
  allocated(): Promise<number>;
  /** Bytes in the heap of either runtime after its young generation was collected. */
  kept(): Promise<number>;
  /** Collects its whole heap. */
  collect(): Promise<void>;
  rank(requests: number): Promise<void>;
  startSampling(): Promise<void>;
  /** Who has allocated how much since `startSampling`. */
  stopSampling(): Promise<Allocating>;
}

/**
 * V8 optimises after a tenth of the usual calls, and requests wait for that: what is optimised depends on their number
 * alone, not on the pace of the machine, and is what it would be after 30,000 of them.
 */
export const optimisesSoon: readonly string[] = [
  "--no-concurrent-recompilation",
  "--invocation-count-for-maglev=100",
  "--invocation-count-for-turbofan=500",
  "--minimum-invocations-after-ic-update=100",
];

/** A heap of a gigabyte before Bun collects it by itself, which would keep the requests that are under way then. */
const bunCollectsWhenAsked = { BUN_JSC_largeHeapSize: String(2 ** 30), BUN_GC_TIMER_DISABLE: "1" };

interface WatchedOptions {
  readonly runtime: Runtime;
  /** For V8 alone. */
  readonly v8Options: readonly string[];
}

/** Starts a program of this folder from its sources. On Bun it says only what is kept, and does not sample. */
export async function startWatched(
  program: string,
  argument: string,
  { runtime, v8Options }: WatchedOptions,
): Promise<WatchedProcess> {
  const execPath = runtimes[runtime]();
  const execArgv = runtime === "bun" ? ["--conditions=source"] : ["-C", "source", "--expose-gc", ...v8Options];
  const env = runtime === "bun" ? bunCollectsWhenAsked : {};
  const child = fork(join(import.meta.dirname, program), [argument], { execPath, execArgv, env });
  endWithUs(child);
  const greeting = v.parse(v.string(), await messageOf(child));
  const ask = (question: Question): Promise<unknown> => {
    child.send(question);
    return messageOf(child);
  };
  return {
    greeting,
    allocated: async () => v.parse(v.number(), await ask({ what: "allocated" })),
    kept: async () => v.parse(v.number(), await ask({ what: "kept" })),
    collect: async () => void (await ask({ what: "collect" })),
    rank: async (requests) => void (await ask({ what: "rank", requests })),
    startSampling: async () => void (await ask({ what: "start sampling" })),
    stopSampling: async () => v.parse(allocatingSchema, await ask({ what: "stop sampling" })),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const listening = new AbortController();
  const { signal } = listening;
  const ended = once(child, "exit", { signal }).then(([code, name]) => {
    throw new Error(`the process ended: ${String(code ?? name)}`);
  });
  try {
    const [message] = await Promise.race([once(child, "message", { signal }), ended]);
    return message;
  } finally {
    ended.catch(() => {});
    listening.abort();
  }
}
