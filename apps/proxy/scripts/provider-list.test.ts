import { allRows, type KnownModel, type KnownProvider, knownProviders } from "@dheera-ai/providers";
import { expect, it } from "vitest";

import { renderList } from "./provider-list.ts";

const model: KnownModel = { model: "a", score_kind: "probability", scoring: "pointwise", billing: "per-token" };

it.each([
  { is: "a service, which has an address", name: "voyage", place: "service" },
  { is: "a cloud, which is a package of its own", name: "vertex_ai", place: "cloud" },
  { is: "a cloud, whose address has the account's name", name: "azure_ai", place: "cloud" },
  { is: "a server of one's own", name: "xinference", place: "your server" },
  { is: "no server", name: "bm25", place: "this machine" },
])("says of $name that it is $is", ({ name, place }) => {
  const provider = knownProviders().find((known) => known.name === name);
  if (provider === undefined) throw new Error(`there is no provider ${name}`);
  expect(cellsOf(provider)[2]).toBe(place);
});

it("has the longest context, the lowest prices of what is not deprecated, and each way of scoring", () => {
  const cells = cellsOf(
    providerWith([
      { ...model, context: 512, price: { per_million_tokens: 0.3, source: "a page", date: "2026-11-01" } },
      { ...model, context: 32_000, price: { per_million_tokens: 0.05, source: "a page", date: "2026-11-01" } },
      { ...model, scoring: "listwise", price: { per_search: 0.002, source: "a page", date: "2026-11-01" } },
      { ...model, deprecated: "gone soon", price: { per_search: 0.001, source: "a page", date: "2026-11-01" } },
      { ...model, model: "*" },
    ]),
  );
  expect(cells.slice(3, 8)).toEqual([
    "32,000",
    "0.002 a search, 0.05 a million tokens",
    "listwise or pointwise",
    "`SOME_KEY`",
    "4",
  ]);
});

it("is empty where nothing is known", () => {
  expect(cellsOf(providerWith([{ ...model, model: "*" }])).slice(3)).toEqual([
    "",
    "",
    "pointwise",
    "`SOME_KEY`",
    "",
    "",
  ]);
});

function providerWith(models: readonly KnownModel[]): KnownProvider {
  return { name: "some", label: "Some", api_base_env: [], api_key_env: ["SOME_KEY"], models, documentation: {} };
}

/** The cells of a provider's row. */
function cellsOf(provider: KnownProvider): readonly string[] {
  const row = allRows.find((known) => known.row.name === provider.name)?.row;
  const line = renderList([[provider, "page.md", row]])
    .split("\n")
    .find((text) => text.startsWith("| ["));
  return (line ?? "")
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
