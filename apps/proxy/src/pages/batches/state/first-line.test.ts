import { expect, it } from "vitest";

import { readFirstLine } from "./first-line.ts";

const line = { custom_id: "1", method: "POST", url: "/v2/rerank", body: { model: "m", query: "q", documents: ["d"] } };

it("finds the endpoint and the model", () => {
  expect(readFirstLine(JSON.stringify(line))).toEqual({ kind: "request", endpoint: "/v2/rerank", model: "m" });
});

it.each([
  ["query,document", "is not JSON"],
  ["[1]", "has no custom_id"],
  ["null", "is no object"],
  [JSON.stringify({ ...line, custom_id: 1 }), "has no custom_id"],
  [JSON.stringify({ ...line, method: "GET" }), "has no method POST"],
  [JSON.stringify({ ...line, url: "/v1/embeddings" }), "has no url that is one of /v1/rerank"],
  [JSON.stringify({ ...line, body: "text" }), "has no body"],
  [JSON.stringify({ ...line, body: {} }), "names no model"],
])("says what is wrong with %s", (text, words) => {
  expect(readFirstLine(text)).toMatchObject({ kind: "problem", message: expect.stringContaining(words) });
});
