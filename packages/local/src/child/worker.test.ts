import { expect, it } from "vitest";

import type { FromChild, ScoreMessage } from "../process/protocol.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { createWorker } from "./worker.ts";

const ask = (id: number, documents: readonly string[]): ScoreMessage => ({
  type: "score",
  id,
  query: "",
  documents,
  truncate: true,
  truncationDirection: "right",
  maxTokensPerDocument: undefined,
});
const hundred = Array.from({ length: 100 }, (_, position) => `document ${position}`);

it("what is cancelled is computed no further", async () => {
  const computed: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const said: FromChild[] = [];
  const worker = createWorker(
    modelThat((document) => {
      computed.push(document);
      if (document === "document 3") worker.take({ type: "cancel", id: 1 });
    }),
    (message) => {
      said.push(message);
      if (message.type === "done") resolve();
    },
  );
  worker.take(ask(1, hundred));
  worker.take(ask(2, ["a", "b", "c", "d", "e", "f", "g", "h"]));
  await ended;
  expect(computed.filter((document) => document.startsWith("document"))).toEqual(hundred.slice(0, 4));
  expect(said.filter(({ type }) => type === "cancelled")).toEqual([{ type: "cancelled", id: 1 }]);
});

it("each document is computed once, in the order of its request, and a failure costs its own request alone", async () => {
  const computed: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const said: FromChild[] = [];
  const worker = createWorker(
    modelThat((document) => {
      computed.push(document);
      if (document === "bad") throw new Error("what a library says about a secret text");
    }),
    (message) => {
      said.push(message);
      if (message.type === "done") resolve();
    },
  );
  worker.take(ask(1, hundred));
  worker.take(ask(2, ["good", "bad", "never"]));
  await ended;
  expect(computed.filter((document) => document.startsWith("document"))).toEqual(hundred);
  expect(computed).not.toContain("never");
  const refused = said.find(({ type }) => type === "refused");
  expect(refused).toMatchObject({ id: 2, reason: "failed", message: expect.not.stringContaining("secret") });
});

/** Scores every document with its length, after it was told of it. */
function modelThat(isTold: (document: string) => void): LoadedModel {
  return {
    countTokens: async () => 0,
    read: () => ({
      prepare: async (document) => ({
        tokens: 1,
        isCut: false,
        score: async () => {
          isTold(document);
          return document.length;
        },
      }),
      usage: () => ({ queryTokens: 0, isQueryCut: false }),
    }),
  };
}
