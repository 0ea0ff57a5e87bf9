import { isRecord } from "@dheera-ai/core/provider-utils";

import { cutReasoning } from "./cut-reasoning.ts";
import { findJson } from "./find-json.ts";
import { plainDigits, readId } from "./read-ids.ts";

/** A model's ranking of so many documents, made whole. */
export interface Ranking {
  /** Positions of the documents, best first: each exactly once. */
  readonly order: readonly number[];
  readonly repairs: Repairs;
}

/** What was wrong with an answer and was mended. */
export interface Repairs {
  /** Documents that the answer did not name: they follow in their old order. */
  readonly missing: number;
  /** Ids that were named again. */
  readonly repeated: number;
  /** Ids of no document. */
  readonly unknown: number;
}

/**
 * Reads a ranking out of whatever a model answered: JSON of any shape that holds ids, bracketed ids, a chain of numbers.
 * Undefined where it names no document.
 */
export function readRanking(answer: string, count: number): Ranking | undefined {
  const text = cutReasoning(answer);
  const values = findJson(text);
  // `[3] > [1] > [2]` is JSON three times.
  const chain = values.flatMap((value) => (Array.isArray(value) && value.length === 1 ? idsOfJson(value) : []));
  const ids = best([chain, ...values.map(idsOfJson)], count) ?? best(idsOfText(plainDigits(text)), count);
  return ids && repair(ids, count);
}

/** The list that names the most documents; the last one of several, because models correct themselves. */
function best(lists: Iterable<readonly number[]>, count: number): readonly number[] | undefined {
  let found: readonly number[] | undefined;
  let most = 0;
  for (const ids of lists) {
    const named = new Set(ids.filter((id) => id >= 1 && id <= count)).size;
    if (named === 0 || named < most) continue;
    found = ids;
    most = named;
  }
  return found;
}

function idsOfJson(value: unknown): readonly number[] {
  if (Array.isArray(value)) return value.flatMap((item) => readId(idOf(item)) ?? []);
  if (!isRecord(value)) return [];
  const lists = Object.values(value).filter((inner) => Array.isArray(inner));
  const own = value["ranking"];
  if (Array.isArray(own)) return idsOfJson(own);
  if (typeof own === "string") return [...idsOfText(plainDigits(own))][0] ?? [];
  return lists.length > 0 ? idsOfJson(lists.toSorted((one, other) => other.length - one.length)[0]) : [];
}

const names = ["id", "index", "document", "document_id", "doc", "passage", "number", "identifier"] as const;

function idOf(item: unknown): unknown {
  if (Array.isArray(item)) return item.length === 1 ? item[0] : undefined;
  return isRecord(item) ? names.map((name) => item[name]).find((id) => id !== undefined) : item;
}

/** In the order in which they are believed. */
function* idsOfText(text: string): Iterable<readonly number[]> {
  const bracketed = [...text.matchAll(/\[\s*(\d{1,9}(?:\s*,\s*\d{1,9})*)/g)].flatMap(([, list = ""]) =>
    numbersOf(list),
  );
  if (bracketed.length > 0) return yield bracketed;
  const named = [...text.matchAll(/(?:document|passage|doc|id)[^\w\n]{0,3}(\d{1,9})/gi)].map(([, id]) => Number(id));
  if (named.length > 0) return yield named;
  if (/^\s*\d{1,9}\s*$/.test(text)) return yield [Number(text)];
  // Each sign between two numbers can be read in one way alone: a run of spaces that could be cut anywhere takes its square.
  const spaced = text.replace(/\s+/g, " ");
  for (const [chain] of spaced.matchAll(/\d{1,9}(?:(?: ?[>,;=] ?| )\d{1,9})+/g)) yield numbersOf(chain);
}

function numbersOf(text: string): readonly number[] {
  return [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

function repair(ids: readonly number[], count: number): Ranking {
  const order = new Set<number>();
  let repeated = 0;
  let unknown = 0;
  for (const id of ids) {
    if (id < 1 || id > count) unknown++;
    else if (order.has(id - 1)) repeated++;
    else order.add(id - 1);
  }
  const missing = count - order.size;
  for (let position = 0; position < count; position++) order.add(position);
  return { order: [...order], repairs: { missing, repeated, unknown } };
}
