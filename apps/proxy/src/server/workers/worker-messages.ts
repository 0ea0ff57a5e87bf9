import * as v from "valibot";

import type { ConfigProblem } from "../../config/config-error.ts";
import type { Charge, Taken } from "../../access/limits/rate-counter.ts";
import type { Share } from "../../gateway/share-limits.ts";
import type { MetricsData } from "../../telemetry/metrics/merge-metrics.ts";
import type { LogFields, Logger } from "../../telemetry/telemetry.ts";
import type { ServerOptions } from "../server-options.ts";

/** Options that one process can send to another. */
type WorkerOptions = Omit<ServerOptions, "log" | "telemetry">;

/** Messages of the first process to a worker. */
export type ToWorker =
  | { readonly type: "start"; readonly options: WorkerOptions; readonly share: Share }
  | { readonly type: "reload" | "close" }
  /** Requests its metrics. */
  | { readonly type: "metrics?"; readonly id: number }
  /** The metrics of all workers. */
  | { readonly type: "page"; readonly id: number; readonly text: string }
  | { readonly type: "taken"; readonly answers: readonly { readonly id: number; readonly taken: Taken }[] };

/** Messages of a worker to the first process. */
export type FromWorker =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "failed"; readonly message: string; readonly problems?: readonly ConfigProblem[] | undefined }
  | { readonly type: "metrics"; readonly id: number; readonly data: MetricsData }
  /** Requests the metrics of all workers. */
  | { readonly type: "page?"; readonly id: number }
  /** Asks to count towards limits that all workers share: for each of these in turn. */
  | { readonly type: "take?"; readonly asked: readonly { readonly id: number; readonly charges: readonly Charge[] }[] }
  | {
      readonly type: "log";
      readonly level: keyof Logger;
      readonly message: string;
      readonly fields?: LogFields | undefined;
    };

/** Undefined for other messages: those of Node.js share the channel. */
export const readToWorker = readOnce((message): ToWorker | undefined =>
  v.is(toWorker, message) ? message : undefined,
);

/** Undefined for other messages. */
export const readFromWorker = readOnce((message): FromWorker | undefined =>
  v.is(fromWorker, message) ? message : undefined,
);

/** Several listen to a channel and get each message one after the other: it is checked for the first of them. */
function readOnce<T>(read: (message: unknown) => T | undefined): (message: unknown) => T | undefined {
  let last: { readonly message: unknown; readonly result: T | undefined } | undefined;
  return (message) => {
    if (message !== last?.message) last = { message, result: read(message) };
    return last?.result;
  };
}

const toWorker = v.variant("type", [
  v.object({
    type: v.literal("start"),
    // The first process of this server made the options and has checked them.
    options: v.custom<WorkerOptions>((value) => typeof value === "object" && value !== null),
    share: v.object({ index: v.number(), count: v.number() }),
  }),
  v.object({ type: v.picklist(["reload", "close"]) }),
  v.object({ type: v.literal("metrics?"), id: v.number() }),
  v.object({ type: v.literal("page"), id: v.number(), text: v.string() }),
  v.object({
    type: v.literal("taken"),
    answers: v.array(
      v.object({
        id: v.number(),
        taken: v.object({
          fits: v.boolean(),
          usages: v.array(v.object({ used: v.number(), resetsIn: v.number() })),
        }),
      }),
    ),
  }),
]);

const problem = v.object({
  file: v.string(),
  line: v.number(),
  column: v.number(),
  key: v.string(),
  message: v.string(),
});

const fromWorker = v.variant("type", [
  v.object({ type: v.literal("listening"), port: v.number() }),
  v.object({ type: v.literal("failed"), message: v.string(), problems: v.optional(v.array(problem)) }),
  v.object({
    type: v.literal("metrics"),
    id: v.number(),
    // The metrics library made the data in the worker and reads it in the first process.
    data: v.array(v.custom<object>((value) => typeof value === "object" && value !== null)),
  }),
  v.object({ type: v.literal("page?"), id: v.number() }),
  v.object({
    type: v.literal("take?"),
    asked: v.array(
      v.object({
        id: v.number(),
        charges: v.array(v.object({ name: v.string(), points: v.number(), limit: v.number() })),
      }),
    ),
  }),
  v.object({
    type: v.literal("log"),
    level: v.picklist(["debug", "info", "warn", "error"]),
    message: v.string(),
    fields: v.optional(v.record(v.string(), v.unknown())),
  }),
]);
