import type { Batch, Charge } from "../booking/batch.ts";
import { dayKeys, daySums } from "../booking/days.ts";
import { type Cell, logColumns } from "../booking/log-rows.ts";

/** A batch as one line of a journal, without its end. */
export function toLine(batch: Batch): string {
  return JSON.stringify(batch);
}

/** @returns undefined for what is none: a line that was torn when its process was killed, or the disk was full */
export function fromLine(line: string): Batch | undefined {
  const batch = parse(line);
  if (!isObject(batch)) return undefined;
  const { id, at, answers, charges, days, logs } = batch;
  if (typeof id !== "string" || !isNumber(at) || !isNumber(answers)) return undefined;
  if (!isListOf(charges, isCharge) || !isListOf(days, isDay) || !isListOf(logs, isLog)) return undefined;
  return { id, at, answers, charges, days, logs: logs.map(completeLog) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isCharge(value: unknown): value is Charge {
  if (!isObject(value)) return false;
  const { kind, id, name, start, cost, end = 0, max = 0, soft = 0 } = value;
  return [kind, id, name].every((text) => typeof text === "string") && [start, cost, end, max, soft].every(isNumber);
}

function isDay(value: unknown): value is Batch["days"][number] {
  if (!isObject(value)) return false;
  return dayKeys.every((name) => typeof value[name] === "string") && daySums.every((name) => isNumber(value[name]));
}

function isLog(value: unknown): value is readonly Cell[] {
  return (
    Array.isArray(value) && value.every((cell) => cell === null || typeof cell === "string" || typeof cell === "number")
  );
}

/** Another release, whose journal this may be, may know more columns or fewer. */
function completeLog(row: readonly Cell[]): readonly Cell[] {
  return row.length === logColumns.length ? row : logColumns.map((_, index) => row[index] ?? null);
}
