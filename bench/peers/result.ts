import * as v from "valibot";

const round = v.object({
  requestsPerSecond: v.number(),
  /** Milliseconds. */
  p50: v.number(),
  p99: v.number(),
  /** Processor time of all of its processes, microseconds a request. */
  cpu: v.number(),
  /** Resident memory of all of its processes when the round ended. */
  megabytes: v.number(),
  /** Requests of the load without a good answer. */
  failures: v.number(),
  /** Answers that were looked at after the round and were wrong. */
  wrong: v.number(),
});

const measured = v.object({
  name: v.string(),
  version: v.string(),
  workers: v.number(),
  /** From its start to its first ranking; absent where nothing was started. */
  millisecondsToStart: v.optional(v.number()),
  /** What callers must do themselves with its answers. */
  remark: v.optional(v.string()),
  rounds: v.array(round),
});

const leftOut = v.object({ name: v.string(), version: v.string(), shape: v.optional(v.string()), reason: v.string() });

/** What a run found, as it is saved. */
export const resultSchema = v.object({
  date: v.string(),
  commit: v.string(),
  machine: v.string(),
  runtimes: v.string(),
  connections: v.number(),
  /** Of each server in each round. */
  seconds: v.number(),
  /** Answers that are looked at after each round, asked for at one time. */
  looks: v.number(),
  /** The machine's load of one minute before anything was started. */
  load: v.number(),
  minutes: v.number(),
  installed: v.array(
    v.object({
      name: v.string(),
      version: v.string(),
      registry: v.string(),
      requirement: v.string(),
      seconds: v.number(),
      megabytes: v.number(),
    }),
  ),
  shapes: v.array(v.object({ name: v.string(), servers: v.array(measured) })),
  /** What the program could not install, start or have rank. */
  leftOut: v.array(leftOut),
});

export type Result = v.InferOutput<typeof resultSchema>;
export type Measured = v.InferOutput<typeof measured>;
export type Round = v.InferOutput<typeof round>;
export type LeftOut = v.InferOutput<typeof leftOut>;
