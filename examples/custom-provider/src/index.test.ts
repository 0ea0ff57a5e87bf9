import { testProvider } from "@dheera-ai/core/testing";

import acme from "./index.ts";

testProvider({
  provider: acme,
  model: "relevance-1",
  upstream: {
    readRequest: ({ body }) => ({ query: body.question, documents: body.passages }),
    answer: (scores) => ({
      body: { relevance: scores.map(({ index, score }) => ({ passage: index, value: score })), tokens: 42 },
    }),
  },
});
