import { testProvider } from "@dheera-ai/core/testing";
import { describe, test } from "vitest";

import acme from "./index.ts";

testProvider(
  {
    provider: acme,
    model: "relevance-1",
    upstream: {
      readRequest: ({ body }) => ({ query: body.question, documents: body.passages }),
      answer: (scores) => ({
        body: { relevance: scores.map(({ index, score }) => ({ passage: index, value: score })), tokens: 42 },
        usage: { inputTokens: 42 },
      }),
    },
  },
  { describe, test },
);
