import { testTarget } from "@dheera-ai/core/testing";
import { expect, test } from "vitest";

import { vertexAi } from "./vertex-ai.ts";

const provider = vertexAi({ environment: {} });

test("what is known of a model counts, and nothing is said of others", async () => {
  const profileOf = async (model: string): Promise<unknown> =>
    provider.connect(testTarget({ model })).profile(new AbortController().signal);
  expect(await profileOf("semantic-ranker-fast-004")).toMatchObject({
    billing: "per-search",
    price: { perSearchUnit: 0.001 },
    limits: { documentsPerCall: 200, tokensPerDocument: 1_024 },
  });
  expect(await profileOf("semantic-ranker-default-002")).toMatchObject({ limits: { tokensPerDocument: 512 } });
  const unknown = await profileOf("semantic-ranker-005");
  expect(unknown).not.toMatchObject({ price: expect.anything() });
  expect(unknown).toMatchObject({
    limits: { documentsPerCall: 200 },
  });
});
