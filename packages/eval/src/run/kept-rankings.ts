import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

import * as v from "valibot";

import type { Ranked } from "./rank-once.ts";

/** Rankings in a file, so that none is asked for twice. */
export interface KeptRankings {
  get(key: string): Ranked | undefined;
  /** Appends it; it is there for the next run as soon as this returns, even if the process is killed. */
  add(key: string, ranked: Ranked, note: Note): void;
  close(): void;
}

/** Of what it was made. */
export interface Note {
  /** For people who read the file, as the query's is. */
  readonly model: string;
  /** Of the model; absent where it was not known. */
  readonly revision?: string | undefined;
  /** Its id; the file holds no text of a query or a document. */
  readonly query: string;
}

/**
 * Opens a file of rankings, one a line, and creates it where there is none. Lines that are torn, or mean nothing here, are
 * passed over. Several processes may append to it at one time.
 * @param wanted keys that may be asked for, and the revision that is wanted, any when undefined; others are not held in memory
 * @throws what the operating system says of the file
 */
export async function openKeptRankings(
  path: string,
  wanted: ReadonlyMap<string, string | undefined>,
): Promise<KeptRankings> {
  await mkdir(dirname(path), { recursive: true });
  // Opened for appending: the system puts each write behind all others.
  const file = openSync(path, "a", 0o600);
  const kept = await readKept(path, wanted).catch((error: unknown) => {
    closeSync(file);
    throw error;
  });
  return {
    get: (key) => kept.get(key),
    add(key, ranked, note) {
      kept.set(key, ranked);
      // In one write, and with an end of line before it too: what another process left unfinished spoils no other line.
      writeSync(file, Buffer.from(`\n${JSON.stringify({ key, ...note, ...ranked })}\n`));
    },
    close: () => closeSync(file),
  };
}

async function readKept(path: string, wanted: ReadonlyMap<string, string | undefined>): Promise<Map<string, Ranked>> {
  const kept = new Map<string, Ranked>();
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  for await (const line of lines) {
    const key = /^\{"key":"([\da-f]{64})"/.exec(line)?.[1];
    if (key === undefined || !wanted.has(key)) continue;
    const ranked = parseLine(line, wanted.get(key));
    if (ranked) kept.set(key, ranked);
  }
  return kept;
}

function parseLine(line: string, wanted: string | undefined): Ranked | undefined {
  try {
    const read = v.safeParse(lineSchema, JSON.parse(line));
    if (!read.success) return undefined;
    const { revision, ...ranked } = read.output;
    return (wanted === undefined || revision === wanted) && isWhole(ranked) ? ranked : undefined;
  } catch {
    return undefined;
  }
}

/** Each position once, with a score. */
function isWhole({ order, scores }: Ranked): boolean {
  return (
    order.length === scores.length && new Set(order).size === order.length && order.every((at) => at < order.length)
  );
}

const cost = v.nullable(v.pipe(v.number(), v.minValue(0)));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const rankedSchema = v.object({
  order: v.array(count),
  scores: v.array(v.number()),
  scoreKind: v.exactOptional(v.picklist(["probability", "logit", "cosine", "rank", "unknown", "calibrated", "fused"])),
  ties: v.boolean(),
  milliseconds: v.pipe(v.number(), v.minValue(0)),
  scored: count,
  cost,
  stages: v.exactOptional(v.array(v.object({ model: v.string(), documents: count, cost }))),
  warnings: v.exactOptional(v.array(v.string())),
}) satisfies v.GenericSchema<unknown, Ranked>;
const lineSchema = v.object({ ...rankedSchema.entries, revision: v.optional(v.string()) });
