import { DheeraError, type Score, type Usage } from "@dheera-ai/core";
import { isRecord, readScores } from "@dheera-ai/core/provider-utils";

import { type FieldPath, fieldPath, readField } from "./field-path.ts";
import type { RowResponse } from "./row.ts";

/** What an answer says. */
export interface RowAnswer {
  readonly scores: readonly Score[];
  /** As the provider billed it. */
  readonly usage?: Usage | undefined;
  /** Who served, where the answer says it. */
  readonly model?: string | undefined;
}

/**
 * How answers are read, as a row says it. Whether every document is there is checked by core afterwards.
 * @throws DheeraError `provider_bad_response` from what it gives, where an answer holds no scores
 */
export function answerOfRow(response: RowResponse = {}): (answer: unknown, wantsDetails?: boolean) => RowAnswer {
  const scores = scoresOf(response);
  const details = detailsOf(response);
  const usage = usageOf(response);
  const model = response.model === undefined ? undefined : fieldPath(response.model);
  return (answer, wantsDetails = false) => {
    const served = model && readField(answer, model);
    const used = usage(answer);
    const read = scores(answer);
    return {
      scores: wantsDetails ? details(answer, read) : read,
      ...(used && { usage: used }),
      ...(typeof served === "string" && { model: served }),
    };
  };
}

/** An upstream's own name for an error in an answer with a status of success, where that is one word. */
export function errorCodeOf(answer: unknown, { error_code = [] }: RowResponse = {}): string | undefined {
  const codes = error_code.map((name) => readField(answer, fieldPath(name)));
  return codes.find((code): code is string => typeof code === "string" && /^[A-Za-z][\w.-]{1,63}$/.test(code));
}

/** Without a word about it, any shape that rerank servers are known to have. */
function scoresOf({ results, index, score, by_position }: RowResponse): (answer: unknown) => readonly Score[] {
  if (results === undefined && index === undefined && score === undefined && by_position === undefined)
    return readScores;
  const list = fieldPath(results ?? "results");
  const row: RowFields = {
    index: by_position ? undefined : fieldPath(index ?? "index"),
    score: fieldPath(score ?? (by_position ? "score" : "relevance_score")),
  };
  return (answer) => {
    const rows = readField(answer, list);
    if (!Array.isArray(rows)) throw unreadable(`there is no list ${list.join(".")}`);
    return rows.map((entry: unknown, position) => readRow(entry, position, row));
  };
}

interface RowFields {
  /** Absent: the position. */
  readonly index: FieldPath | undefined;
  readonly score: FieldPath;
}

function readRow(entry: unknown, position: number, { index, score }: RowFields): Score {
  const value = index === undefined && typeof entry === "number" ? entry : readField(entry, score);
  // JSON has no NaN: servers write null in its place. Core refuses it with the document's index.
  if (value !== null && typeof value !== "number") throw unreadable(`entry ${position} has no ${score.join(".")}`);
  return {
    index: index === undefined ? position : readIndex(readField(entry, index), position, index),
    score: value ?? Number.NaN,
  };
}

/** Some services call a document by a text. */
function readIndex(index: unknown, position: number, name: FieldPath): number {
  if (typeof index === "number") return index;
  if (typeof index === "string" && /^\d{1,9}$/.test(index)) return Number(index);
  throw unreadable(`entry ${position} has no ${name.join(".")}`);
}

/** Adds what else a result says, under its own names; its rows are in the order of the scores. */
function detailsOf({
  results,
  details: names = [],
}: RowResponse): (answer: unknown, scores: readonly Score[]) => readonly Score[] {
  const list = fieldPath(results ?? "results");
  const fields = names.map((name) => ({ name, path: fieldPath(name) }));
  return (answer, scores) => {
    const rows = readField(answer, list);
    if (!Array.isArray(rows)) return scores;
    return scores.map((score, position) => {
      const said = fields.flatMap(({ name, path }) => {
        const value = readField(rows[position], path);
        return value === undefined ? [] : [[name, value] as const];
      });
      return said.length === 0 ? score : { ...score, details: Object.fromEntries(said) };
    });
  };
}

function unreadable(what: string): DheeraError {
  return new DheeraError("provider_bad_response", `the upstream's answer cannot be read: ${what}`);
}

/** Where the usual dialects say it: what was billed before what was counted. */
const usualFields = {
  input_tokens: [
    "meta.billed_units.input_tokens",
    "meta.tokens.input_tokens",
    "usage.prompt_tokens",
    "usage.total_tokens",
  ],
  output_tokens: ["meta.billed_units.output_tokens", "meta.tokens.output_tokens", "usage.completion_tokens"],
  search_units: ["meta.billed_units.search_units", "usage.search_units"],
  cost: ["usage.cost"],
} as const satisfies Partial<RowResponse>;

function usageOf(response: RowResponse): (answer: unknown) => Usage | undefined {
  const figures = (
    [
      ["searchUnits", "search_units"],
      ["inputTokens", "input_tokens"],
      ["outputTokens", "output_tokens"],
      ["cost", "cost"],
    ] as const
  ).map(([figure, name]) => ({ figure, fields: (response[name] ?? usualFields[name]).map(fieldPath) }));
  return (answer) => {
    if (!isRecord(answer)) return undefined;
    const usage: { -readonly [Figure in keyof Usage]: Usage[Figure] } = {};
    let isSaid = false;
    for (const { figure, fields } of figures)
      for (const field of fields) {
        const value = readField(answer, field);
        if (!isCount(value)) continue;
        usage[figure] = value;
        isSaid = true;
        break;
      }
    return isSaid ? usage : undefined;
  };
}

/** One that is no count, or that could not be added up, is not said. */
function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
