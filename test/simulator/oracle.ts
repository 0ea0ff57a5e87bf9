import { scramble } from "./random.ts";

/** The revision that a simulated server serves by default. */
export const firstRevision = "2cfc18c9415c912f9d8155881c133215df768a70";

/**
 * What the simulated reranker thinks of a pair, 0..1: the sigmoid of `oracleLogit` as 32-bit float, printed as the
 * server prints it and read back. Only 1,024 different scores exist, so that ties happen. Each revision of the model
 * (its `modelSha`) thinks differently.
 */
export function oracleScore(query: string, document: string, revision: string = firstRevision): number {
  const logit = oracleLogit(query, document, revision);
  const known = scoreOfLogit.get(logit);
  if (known !== undefined) return known;
  const score = readBack(1 / (1 + Math.exp(-logit)));
  scoreOfLogit.set(logit, score);
  return score;
}

/** The raw score of a pair: a multiple of 1/64, at least −8 and below 8. */
export function oracleLogit(query: string, document: string, revision: string = firstRevision): number {
  return (hashOf(revision, query, document) % 1024) / 64 - 8;
}

/** What the simulated embedding model thinks of two texts, −1..1. */
export function oracleCosine(query: string, document: string): number {
  return readBack((hashOf(firstRevision, query, document) % 2001) / 1000 - 1);
}

/** The positions of the documents, best first, ties in input order. */
export function oracleRanking(
  query: string,
  documents: readonly string[],
  revision: string = firstRevision,
): { index: number; score: number }[] {
  return documents
    .map((document, index) => ({ index, score: oracleScore(query, document, revision) }))
    .sort((a, b) => b.score - a.score || a.index - b.index);
}

/** Tokens of one text to the simulated tokenizer: one for each four characters begun. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

const scoreOfLogit = new Map<number, number>();

/** The shortest decimal that names this 32-bit float, as serde_json writes it. */
function readBack(value: number): number {
  const float = Math.fround(value);
  for (let digits = 6; digits < 9; digits++) {
    const decimal = Number(float.toPrecision(digits));
    if (Math.fround(decimal) === float) return decimal;
  }
  return Number(float.toPrecision(9));
}

function hashOf(...texts: readonly string[]): number {
  return scramble(texts.reduce((hash, text) => fnv1a(text, hash ^ 0xff), 0x811c_9dc5));
}

function fnv1a(text: string, start: number): number {
  let hash = start;
  for (let position = 0; position < text.length; position++)
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x0100_0193);
  return hash;
}
