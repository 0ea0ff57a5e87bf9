/**
 * The TypeScript library's side of `bench.py`: the first line of its input is the request; for each line after it, it
 * ranks once and prints the seconds that took.
 */
import { createInterface } from "node:readline";

import { rerank } from "../../packages/dheera-ai/src/index.ts";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const request = JSON.parse((await lines.next()).value ?? "{}");
for await (const _ of lines) {
  const begun = performance.now();
  await rerank({ model: "bm25/default", ...request });
  console.log((performance.now() - begun) / 1000);
}
