import { expect, test } from "vitest";

import { parseAddress } from "./address.ts";

test.each([
  { base: "http://host", exact: undefined, info: "http://host/info", models: "http://host/models" },
  { base: "http://host/v1", exact: undefined, info: "http://host/info", models: "http://host/v1/models" },
  { base: "http://host/a/b", exact: undefined, info: "http://host/a/b/info", models: "http://host/a/b/models" },
  { base: "http://host/rerank", exact: "http://host/rerank", info: "http://host/info", models: "http://host/models" },
  {
    base: "http://host/a/v2/rerank?key=1",
    exact: "http://host/a/v2/rerank?key=1",
    info: "http://host/a/info?key=1",
    models: "http://host/a/v2/models?key=1",
  },
  {
    base: "http://host/v1/reranking",
    exact: "http://host/v1/reranking",
    info: "http://host/info",
    models: "http://host/v1/models",
  },
  {
    base: "http://host/prerank",
    exact: undefined,
    info: "http://host/prerank/info",
    models: "http://host/prerank/models",
  },
])("the base $base has /info at $info", ({ base, exact, info, models }) => {
  const address = parseAddress(new URL(base));
  expect({ exact: address.exact, info: address.at("/info"), models: address.beside("/models") }).toEqual({
    exact,
    info,
    models,
  });
});
