import { createDheera } from "@dheera-ai/core";
import { type UpstreamRequest, withServer } from "@dheera-ai/core/testing";
import { expect, test } from "vitest";

import { cohere } from "./row-providers.ts";

test("1,000 documents over two replicas of one's own are at least two calls, one at each", async () => {
  await withServer(answer, (one) =>
    withServer(answer, async (other) => {
      const dheera = createDheera({
        providers: [cohere({ environment: {} })],
        model_list: [one, other].map(({ url }) => ({
          model_name: "bge",
          dheera_ai_params: { model: "cohere/bge", api_base: url },
        })),
      });
      const documents = Array.from({ length: 1_000 }, (_, index) => String(index));
      const { results, meta } = await dheera.rerank({ model: "bge", query: "large numbers", documents });
      await dheera.close();

      const sent = [one, other].map(({ requests }) => requests.flatMap(textsOf));
      for (const texts of sent) expect(texts.length).toBeGreaterThan(0);
      expect(sent.flat().toSorted()).toEqual(documents.toSorted());
      expect(results.map(({ index }) => index)).toEqual(documents.map((_, index) => 999 - index));
      expect(meta.billed_units).toEqual({});
    }),
  );
});

test("a listwise one gets all documents in one call", async () => {
  await withServer(answer, (one) =>
    withServer(answer, async (other) => {
      const dheera = createDheera({
        providers: [cohere({ environment: {} })],
        model_list: [one, other].map(({ url }) => ({
          model_name: "listwise",
          dheera_ai_params: { model: "cohere/listwise", api_base: url, scoring: "listwise" },
        })),
      });
      const documents = Array.from({ length: 1_000 }, (_, index) => String(index));
      await dheera.rerank({ model: "listwise", query: "large numbers", documents });
      await dheera.close();
      expect([...one.requests, ...other.requests].map((request) => textsOf(request).length)).toEqual([1_000]);
    }),
  );
});

/** The larger the number in a document, the better. */
function answer(request: UpstreamRequest): { readonly body: unknown } {
  const results = textsOf(request).map((text, index) => ({ index, relevance_score: Number(text) / 1_000 }));
  return { body: { results } };
}

function textsOf({ body }: UpstreamRequest): readonly string[] {
  const texts = body["documents"];
  return Array.isArray(texts) ? texts.map(String) : [];
}
