import { array, boolean, type GenericSchema, number, object, optional, parse, picklist, record, string } from "valibot";

import type { BatchRecord, FilePart, FileRecord, KeptLine, Suspicion } from "../contract.ts";

export const filePart: GenericSchema<unknown, FilePart> = object({ name: string(), bytes: number(), lines: number() });

const keptLine = object({ line: number(), isError: boolean(), text: string(), cost: optional(number()) });

const suspicion = object({
  doing: optional(picklist(["asks", "whole"])),
  lines: array(number()),
  deaths: number(),
  deathsOfLine: optional(number(), 0),
  deathsOfWhole: optional(number(), 0),
});

const fileRecord = object({
  id: string(),
  owner: string(),
  filename: string(),
  purpose: picklist(["batch", "batch_output"]),
  bytes: number(),
  lines: number(),
  createdAt: number(),
  expiresAt: optional(number()),
});

const batchRecord = object({
  id: string(),
  owner: string(),
  status: picklist([
    "validating",
    "failed",
    "in_progress",
    "finalizing",
    "completed",
    "expired",
    "cancelling",
    "cancelled",
  ]),
  inputFileId: string(),
  endpoint: string(),
  completionWindow: string(),
  outputExpiresAfter: optional(number()),
  metadata: record(string(), string()),
  model: optional(string()),
  counts: object({ total: number(), completed: number(), failed: number() }),
  cost: optional(number()),
  problems: array(object({ code: string(), message: string(), line: optional(number()), param: optional(string()) })),
  outputFileId: optional(string()),
  errorFileId: optional(string()),
  shards: number(),
  shardsEnded: number(),
  createdAt: number(),
  inProgressAt: optional(number()),
  finalizingAt: optional(number()),
  completedAt: optional(number()),
  failedAt: optional(number()),
  expiredAt: optional(number()),
  cancellingAt: optional(number()),
  cancelledAt: optional(number()),
  expiresAt: number(),
  deadly: optional(array(string())),
  pausedFor: optional(string()),
});

/** What a queue has written as JSON, read again: another release may have written it, and fields that it does not know are left out. */
export const readPart: (json: string) => FilePart = reader(filePart);
export const readKept: (json: string) => KeptLine = reader(keptLine);
export const readSuspicion: (json: string) => Suspicion = reader(suspicion);
export const readFile: (json: string) => FileRecord = reader(fileRecord);
export const readBatch: (json: string) => BatchRecord = reader(batchRecord);

const ended: ReadonlySet<BatchRecord["status"]> = new Set(["failed", "completed", "expired", "cancelled"]);

/** Milliseconds since the epoch; undefined while there is still something to be done about it. */
export function endOf(batch: BatchRecord): number | undefined {
  if (isOpen(batch)) return undefined;
  const { completedAt, failedAt, cancelledAt, expiredAt, createdAt } = batch;
  return completedAt ?? failedAt ?? cancelledAt ?? expiredAt ?? createdAt;
}

/** Whether there is still something to be done about it. */
export function isOpen(batch: BatchRecord): boolean {
  return !ended.has(batch.status);
}

function reader<T>(schema: GenericSchema<unknown, T>): (json: string) => T {
  return (json) => parse(schema, JSON.parse(json));
}
