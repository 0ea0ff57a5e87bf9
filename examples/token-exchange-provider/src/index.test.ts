import type { Score } from "@dheera-ai/core";
import { testProvider, testTarget } from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import quill from "./index.ts";

testProvider(
  {
    provider: quill,
    model: "ranker-2",
    options: ({ url }) => ({ client_id: "contract", token_url: `${url}/iam/token` }),
    upstream: {
      credentials: "exchanged",
      exchange: {
        isExchange: ({ path }) => path === "/iam/token",
        answer: (token, expiresIn) => ({ body: { access_token: token, expires_in: expiresIn } }),
      },
      readRequest: ({ body }) => ({ query: body.query, documents: body.texts }),
      answer: (scores) => ({
        body: { ranks: ranksOf(scores), billing: { input_tokens: 42, usd: 0.001 } },
        usage: { inputTokens: 42, cost: 0.001 },
      }),
      answerWithoutUsage: (scores) => ({ body: { ranks: ranksOf(scores) } }),
    },
  },
  { describe, test },
);

test("the key is needed, and so is the client's id", async () => {
  expect(() => quill.connect(testTarget({ model: "ranker-2" }))).toThrow("client_id is needed");
  const scorer = quill.connect(testTarget({ model: "ranker-2", options: { client_id: "mine" } }));
  const call = { query: "q", documents: ["d"], params: {}, providerOptions: {}, signal: new AbortController().signal };
  await expect(scorer.score(call)).rejects.toMatchObject({ code: "provider_auth" });
});

function ranksOf(scores: readonly Score[]): readonly object[] {
  return scores.map(({ index, score }) => ({ id: index, relevance: score }));
}
