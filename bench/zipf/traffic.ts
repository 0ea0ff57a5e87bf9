import { type Random, createRandom } from "../../test/simulator/random.ts";
import { textOf } from "../dispatch/texts.ts";

/** What is asked: some of it over and over, as people do. */
export interface Traffic {
  /** Bodies for `/rerank` in the order they are sent. */
  readonly bodies: readonly string[];
  /** Different pairs of query and document in all of it: no more than these have to be scored. */
  readonly differentPairs: number;
}

const queryCount = 1_000;
const documentCount = 10_000;
export const documentsPerRequest = 100;
const tokensPerDocument = 50;

/**
 * Requests whose queries are as popular as Zipf's law says (the n-th is asked 1/n times as often as the first); a query
 * finds the same documents each time.
 */
export function zipfTraffic(requests: number, model: string): Traffic {
  const random = createRandom(1);
  const documents = Array.from({ length: documentCount }, (_, position) => textOf(tokensPerDocument, position));
  const bodyOf = memoize((query) => {
    const found = pickDifferent(createRandom(query + 1), documents);
    return JSON.stringify({ model, query: textOf(10, query), documents: found });
  });
  const pickQuery = zipf(queryCount, random);
  const bodies = Array.from({ length: requests }, () => bodyOf(pickQuery()));
  return { bodies, differentPairs: new Set(bodies).size * documentsPerRequest };
}

/** Whole numbers from 0, the smaller the more often. */
function zipf(count: number, random: Random): () => number {
  let total = 0;
  const limits = Array.from({ length: count }, (_, rank) => (total += 1 / (rank + 1)));
  return () => {
    const point = random.next() * total;
    return limits.findIndex((limit) => point < limit);
  };
}

function pickDifferent(random: Random, documents: readonly string[]): readonly string[] {
  const picked = new Set<string>();
  while (picked.size < documentsPerRequest) picked.add(documents[random.integer(0, documents.length - 1)] ?? "");
  return [...picked];
}

function memoize(make: (key: number) => string): (key: number) => string {
  const made = new Map<number, string>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
