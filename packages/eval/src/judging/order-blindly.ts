import { createHash } from "node:crypto";

/**
 * An order that depends on the ids and the seed alone, so that whoever judges cannot see which ranking brought a
 * document up, or how high.
 */
export function orderBlindly(query: string, documents: readonly string[], seed: number): readonly string[] {
  return documents
    .map((id) => ({
      id,
      place: createHash("sha256")
        .update(JSON.stringify([seed, query, id]))
        .digest("hex"),
    }))
    .sort((one, other) => (one.place < other.place ? -1 : 1))
    .map(({ id }) => id);
}
