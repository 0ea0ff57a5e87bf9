import type { Limits, Price } from "@dheera-ai/core";

/** US dollars, as LiteLLM's price map of November 2026 has it; a search is a query with up to 100 documents. */
const price: Price = { perSearchUnit: 0.001 };

/** What is known of Google's rerankers: tokens that they read of query and document, and what a search costs. */
const models: Readonly<Record<string, Pick<Limits, "tokensPerDocument">>> = {
  "semantic-ranker-default-004": { tokensPerDocument: 1_024 },
  "semantic-ranker-fast-004": { tokensPerDocument: 1_024 },
  "semantic-ranker-default-003": { tokensPerDocument: 512 },
  "semantic-ranker-default-002": { tokensPerDocument: 512 },
  "semantic-ranker-default@latest": {},
  "semantic-ranker-fast@latest": {},
};

/** Nothing is known of other names. */
export function factsOfModel(model: string): Pick<Limits, "tokensPerDocument"> & { readonly price?: Price } {
  const known = Object.hasOwn(models, model) ? models[model] : undefined;
  return known ? { ...known, price } : {};
}
