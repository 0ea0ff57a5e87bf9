import { createHash } from "node:crypto";

/** Raised when what is kept of a ranking, or what its order follows from, changes. */
const formatVersion = 2;

/** What rankings of one query have in common: the digest of its text and of its candidates, in their order. */
export function digestOfQuestion(query: string, documents: readonly string[]): string {
  const hash = createHash("sha256");
  // With its length before each text, so that no two lists of texts are the same bytes.
  for (const text of [query, ...documents]) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex");
}

/**
 * Under what a ranking is kept: equal where the same model would be asked the same.
 * @param identity everything that a model's rankings follow from
 */
export function keyOfRanking(question: string, identity: string): string {
  return createHash("sha256")
    .update(JSON.stringify([formatVersion, identity, question]))
    .digest("hex");
}
