/**
 * What an index over a collection takes to be made and searched, in processor time and memory: 200,000 documents of 60 to
 * 180 words from a seeded generator, as words are spread in a language, or those of a folder in BEIR's layout again and again.
 *
 *     node -C source --expose-gc packages/bm25/bench/index-documents.ts [--documents=200000] [FOLDER]
 */
import { parseArgs } from "node:util";

import { indexDocuments } from "../src/collection/index.ts";
import { readCollection } from "./collection.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { documents: { type: "string", default: "200000" } },
});
const count = Number(values.documents);
const [folder] = positionals;
const { documents, queries } = folder === undefined ? generated() : await repeated(folder);
const characters = documents.reduce((sum, document) => sum + document.length, 0);
globalThis.gc?.();
const before = process.memoryUsage();

const start = process.cpuUsage();
const begun = performance.now();
const index = await indexDocuments(documents);
const { user, system } = process.cpuUsage(start);
const built = performance.now() - begun;
const peak = process.resourceUsage().maxRSS / 1e3;
globalThis.gc?.();
const after = process.memoryUsage();

const times = queries.map((query) => {
  const earlier = process.cpuUsage();
  index.search(query, 100);
  const spent = process.cpuUsage(earlier);
  return (spent.user + spent.system) / 1e3;
});
times.sort((one, other) => one - other);
const at = (part: number): string => (times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(1);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

console.log(
  `${documents.length} documents, ${megabytes(characters)} million characters, ${index.terms} terms: ${((user + system) / 1e6).toFixed(1)} s of processor time, ${(built / 1e3).toFixed(1)} s in all`,
);
console.log(
  `memory: tables ${megabytes(index.bytes)} MB, with the terms ${megabytes(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers)} MB; the process ${peak.toFixed(0)} MB at most, of which ${megabytes(before.rss)} MB before`,
);
console.log(
  `${times.length} queries, best 100: processor time p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`,
);

function generated(): { readonly documents: readonly string[]; readonly queries: readonly string[] } {
  const random = seeded(7);
  // Half a million words, of which the first few are everywhere, as in a language.
  const word = (): string => Math.floor(500_000 ** random()).toString(36);
  const text = (words: number): string => Array.from({ length: words }, word).join(" ");
  return {
    documents: Array.from({ length: count }, () => text(60 + Math.floor(random() * 120))),
    queries: Array.from({ length: 500 }, () => text(3 + Math.floor(random() * 10))),
  };
}

/** Every copy has a word of its own, so that not all of them have the same score. */
async function repeated(path: string): Promise<ReturnType<typeof generated>> {
  const { documents: own, queries: asked } = await readCollection(path, "english");
  return {
    documents: Array.from({ length: count }, (_, place) => `${own[place % own.length]} copy${place}`),
    queries: asked.map(({ text }) => text),
  };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}
