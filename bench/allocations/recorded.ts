import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as v from "valibot";

/** Figures that were right from a day on, and why they became others. */
export interface Entry {
  readonly date: string;
  readonly reason: string;
  /** Bytes a request by the name of its place. */
  readonly bytes: Readonly<Record<string, number>>;
}

const file = join(import.meta.dirname, "recorded.json");
const schema = v.array(v.object({ date: v.string(), reason: v.string(), bytes: v.record(v.string(), v.number()) }));

/** All of them, the first one first. */
export function readRecorded(): readonly Entry[] {
  return v.parse(schema, JSON.parse(readFileSync(file, "utf8")));
}

export function record(entry: Entry): void {
  writeFileSync(file, `${JSON.stringify([...readRecorded(), entry], undefined, 2)}\n`);
}

/** The share by which a figure may differ. Runs differ by less than 2 %. */
const tolerance = 0.1;

export const asRecorded = "as recorded";

/** Whether a request allocates what is recorded; what to do where it does not. */
export function compareWithRecorded(place: string, bytes: number, recorded: number | undefined): string {
  const command = 'node -C source bench/allocations/main.ts --record "<reason>"';
  if (recorded === undefined) return `${place} has no recorded figure: ${command}`;
  const share = bytes / recorded - 1;
  if (Math.abs(share) <= tolerance) return asRecorded;
  const figures = `${place}: a request allocates ${bytes} bytes, and ${recorded} are recorded (${percentOf(share)})`;
  return share > 0
    ? `${figures}. Find out who allocates it (node -C source bench/allocations/main.ts) and make it less, or record it with the reason: ${command}`
    : `${figures}. Record the lower figure, so that it stays: ${command}`;
}

function percentOf(share: number): string {
  return `${share > 0 ? "+" : ""}${(share * 100).toFixed(1)} %`;
}
