import { hash } from "node:crypto";

import { usedMemory } from "../cache/used-memory.ts";
import { type Candidate, candidates, exactAndNearly } from "./candidates.ts";

/**
 * Ways to keep a million scores in memory, side by side: `node -C source bench/score-tables/compare.ts`. A pair's digest is
 * made anew for every call, as in production, and its share of the time is the first line. The choice it led to:
 * docs/decisions/0003-score-table.md.
 */
const pairs = 1_000_000;
const shapes = [
  { traffic: "100 documents a query", documents: 100 },
  { traffic: "1 document a query", documents: 1 },
];

console.table([{ keeps: "nothing, digests only", "µs to set": microsecondsAPair(() => digestsOf("query", 0, pairs)) }]);
for (const { traffic, documents } of shapes) {
  console.log(traffic);
  const lines = [];
  for (const candidate of candidates) lines.push(await measure(candidate, documents));
  console.table(lines);
}

console.table(exactAndNearly.map(measureHits));

/**
 * With room for a tenth of a million pairs that are asked for with Zipf's frequencies: what the order of use within
 * sets costs against that of all.
 */
function measureHits({ name, create }: Candidate): object {
  const store = create(pairs / 10);
  let hits = 0;
  for (let asked = 0; asked < pairs; asked++) {
    const digest = hash("sha256", `${zipf(asked)}`, "binary");
    const known = store.countKnown(digest, [digest]);
    hits += known;
    if (known === 0) store.set(digest, [digest], [1]);
  }
  return { keeps: name, places: pairs / 10, "hits of Zipf traffic": `${((100 * hits) / pairs).toFixed(1)} %` };
}

/** A rank from 1 to a million, the first the most frequent; the same in every run. */
function zipf(draw: number): number {
  const uniform = Number.parseInt(hash("sha256", `draw ${draw}`, "hex").slice(0, 12), 16) / 2 ** 48;
  return Math.floor(pairs ** uniform);
}

async function measure({ name, create }: Candidate, documents: number): Promise<object> {
  const before = await usedMemory();
  const store = create(pairs);
  const scores = Array.from({ length: documents }, (_, at) => at / documents);
  const setting = microsecondsAPair(() => {
    for (let first = 0; first < pairs; first += documents)
      store.set(scopeOf(first), digestsOf(scopeOf(first), first, documents), scores);
  });
  const bytes = (await usedMemory()) - before;
  let known = 0;
  const getting = microsecondsAPair(() => {
    for (let first = 0; first < pairs; first += documents)
      known += store.countKnown(scopeOf(first), digestsOf(scopeOf(first), first, documents));
  });
  return {
    keeps: name,
    known: `${((100 * known) / pairs).toFixed(1)} %`,
    "bytes a known pair": Math.round(bytes / known),
    "µs to set": setting,
    "µs to get": getting,
  };
}

function microsecondsAPair(work: () => void): number {
  const start = performance.now();
  work();
  return Math.round(((performance.now() - start) * 1000 * 100) / pairs) / 100;
}

function scopeOf(first: number): string {
  return hash("sha256", `query ${first}`, "binary");
}

function digestsOf(scope: string, first: number, count: number): string[] {
  return Array.from({ length: count }, (_, at) => hash("sha256", `${scope}${first + at}`, "binary"));
}
