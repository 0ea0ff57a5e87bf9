import { fileURLToPath } from "node:url";

import { createDheera, type RerankResponse } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";
import { local } from "@dheera-ai/local";
import { describe, expect, it, onTestFinished } from "vitest";

import { makePairs } from "../../packages/local/src/fixtures/pairs.ts";
import { needs } from "../support/programs.ts";
import { startTextEmbeddings } from "./text-embeddings.ts";

const folder = fileURLToPath(new URL("../../../shared/real-servers/tei/tiny-cross-encoder", import.meta.url));
/**
 * The server computes GELU by a hyperbolic tangent, the model in the process by the error function, as it was trained.
 * With the hyperbolic tangent in the ONNX file both are 7e-7 apart.
 */
const difference = 2e-4;
/** For two documents in a thousand. */
const mostDifference = 2.5e-4;

describe(
  "the same weights in this process and in Text Embeddings Inference",
  needs("text-embeddings-inference"),
  () => {
    it(
      "give 2,000 varied documents the same scores but for GELU, and the same order",
      { timeout: 600_000 },
      async () => {
        const server = await startTextEmbeddings();
        const dheera = createDheera({
          providers: [huggingface({ environment: {} }), local({ environment: {} })],
          model_list: [
            { model_name: "server", dheera_ai_params: { model: "huggingface/tiny", api_base: server.url } },
            { model_name: "process", dheera_ai_params: { model: `local/${folder}` } },
          ],
        });
        onTestFinished(() => dheera.close());

        const documents = makePairs(2000).map(({ document }) => document);
        for (const query of ["how is a proxy configured?", "数据库 索引 🚀", "x"]) {
          const [theirs, ours] = await Promise.all(
            ["server", "process"].map((model) => dheera.rerank({ model, query, documents })),
          );
          const expected = byIndex(theirs);
          const actual = byIndex(ours);
          const apart = actual.map((score, index) => Math.abs(score - (expected[index] ?? NaN)));
          expect(apart).toHaveLength(documents.length);
          expect(apart.filter((distance) => !(distance < difference)).length).toBeLessThanOrEqual(
            documents.length / 500,
          );
          expect(Math.max(...apart)).toBeLessThan(mostDifference);
          expect(swapped(ours, expected)).toEqual([]);
        }
      },
    );
  },
);

function byIndex(response: RerankResponse | undefined): readonly number[] {
  return (response?.results ?? [])
    .toSorted((one, other) => one.index - other.index)
    .map(({ relevance_score }) => relevance_score);
}

/** Documents that stand above a better one, by other scores, by more than these may differ. */
function swapped(response: RerankResponse | undefined, scores: readonly number[]): readonly number[] {
  let best = Infinity;
  return (response?.results ?? []).flatMap(({ index }) => {
    const score = scores[index] ?? NaN;
    const isSwapped = !(score <= best + 2 * mostDifference);
    best = Math.min(best, score);
    return isSwapped ? [index] : [];
  });
}
