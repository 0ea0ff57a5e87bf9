import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { readCollection } from "../collections/read-collection.ts";
import { parseMeasures } from "../measures/measure.ts";
import { measuresOf } from "../measures/measures-of.ts";
import { orderByScore } from "../measures/order-by-score.ts";
import { indexCollection } from "./index-collection.ts";

const collections = fileURLToPath(new URL("../../../../../shared/collections", import.meta.url));
const measures = parseMeasures(["ndcg@10", "map", "mrr", "recall@100"]);

/**
 * The peer is bm25s 0.3.16 (its `lucene` formula, k1 1.2, b 0.75) given the terms that our index counts, its best 1,000 measured by
 * pytrec_eval: other people's search, other people's measures. docs/performance.md says what the peer makes of its own words.
 */
describe.skipIf(!existsSync(collections))("BM25 over a whole collection, its best 1,000", () => {
  test.each([
    { name: "cranfield", queries: 225, peer: { "ndcg@10": 0.3854, map: 0.3056, mrr: 0.5432, "recall@100": 0.7488 } },
    { name: "cisi", queries: 76, peer: { "ndcg@10": 0.3984, map: 0.2179, mrr: 0.6475, "recall@100": 0.4491 } },
  ])("is worth on $name what a peer says", async ({ name, queries, peer }) => {
    const collection = await readCollection(`${collections}/${name}`);
    expect([collection.queries.length, collection.warnings]).toEqual([queries, []]);
    const { search } = await indexCollection(collection);
    const rows = collection.queries.map(({ text, grades }) =>
      measuresOf(orderByScore(search(text, 1_000)), grades, measures),
    );
    for (const [measure, value] of Object.entries(peer)) {
      const mean = rows.reduce((sum, row) => sum + (row[measure] ?? NaN), 0) / rows.length;
      expect(Math.abs(mean - value), measure).toBeLessThan(0.0003);
    }
  });
});
