import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import * as v from "valibot";

/** A simulated server in a process of its own. */
export interface Replica extends AsyncDisposable {
  readonly url: string;
  stats(): Promise<ReplicaStats>;
  /** Ends the process without warning. */
  kill(): void;
}

interface ReplicaStats {
  readonly calls: number;
  readonly tokensComputed: number;
  readonly pairsScored: number;
  /** How often each HTTP status was answered. */
  readonly statuses: Readonly<Record<string, number>>;
}

export interface ReplicaOptions {
  readonly microsecondsPerToken: number;
  /** Beside its tokens; default none. */
  readonly millisecondsPerBatch?: number;
  readonly pads?: boolean;
  /** Texts that it works on or queues at one time; default 512. */
  readonly permits?: number;
  /** Of one batch of the accelerator; default 16,384. */
  readonly maxBatchTokens?: number;
  /** Share (0..1) of the scoring requests with which something goes wrong; default none. */
  readonly faultRate?: number;
}

export async function startReplica({
  microsecondsPerToken,
  millisecondsPerBatch = 0,
  pads = false,
  permits,
  maxBatchTokens,
  faultRate,
}: ReplicaOptions): Promise<Replica> {
  const options = [
    `--microseconds-per-token=${microsecondsPerToken}`,
    `--milliseconds-per-batch=${millisecondsPerBatch}`,
    ...(pads ? ["--pads"] : []),
    ...(permits === undefined ? [] : [`--max-concurrent-requests=${permits}`]),
    ...(maxBatchTokens === undefined ? [] : [`--max-batch-tokens=${maxBatchTokens}`]),
    ...(faultRate === undefined ? [] : [`--fault-rate=${faultRate}`]),
  ];
  const child = fork(program, options, { execArgv: ["-C", "source"], stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const exited = once(child, "exit");
  return {
    url: await firstLine(child),
    stats: async () => {
      const answered = once(child, "message");
      child.send("stats");
      return v.parse(messageSchema, await answered)[0].stats;
    },
    kill: () => void child.kill("SIGKILL"),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

const program = fileURLToPath(new URL("../../test/simulator/main.ts", import.meta.url));

const messageSchema = v.tuple([
  v.object({
    stats: v.object({
      calls: v.number(),
      tokensComputed: v.number(),
      pairsScored: v.number(),
      statuses: v.record(v.string(), v.number()),
    }),
  }),
]);

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) return String(chunk).trim();
  throw new Error("the simulator ended before it listened");
}
