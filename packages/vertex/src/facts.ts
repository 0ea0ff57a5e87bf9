import type { Limits, Price } from "@dheera-ai/core";

/**
 * What is known of Google's rerankers: the first that matches counts. Prices in US dollars, from LiteLLM's price map of
 * November 2026; a search is up to 100 records.
 */
const models: readonly { readonly match: RegExp; readonly tokensPerDocument?: number; readonly price: Price }[] = [
  { match: /^semantic-ranker-(default|fast)-004$/, tokensPerDocument: 1024, price: { perSearchUnit: 0.001 } },
  { match: /^semantic-ranker-default-00[23]$/, tokensPerDocument: 512, price: { perSearchUnit: 0.001 } },
  { match: /^semantic-ranker-(default|fast)@latest$/, price: { perSearchUnit: 0.001 } },
];

export function factsOfModel(
  model: string,
): Pick<Limits, "tokensPerDocument"> & { readonly price?: Price | undefined } {
  const known = models.find(({ match }) => match.test(model));
  return { tokensPerDocument: known?.tokensPerDocument, price: known?.price };
}
