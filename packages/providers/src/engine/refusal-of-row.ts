import { DheeraError, isHttpError, type Limits } from "@dheera-ai/core";

import { fieldPath, readField } from "./field-path.ts";
import { limitsOf } from "./limits-of-row.ts";
import type { RowRefusal } from "./row.ts";

/** Characters of a refusal that are looked at, and between a known text and its number. */
const mostCharacters = 4_000;
const mostBetween = 20;
const mostDigits = 24;
const firstNumber = /^\D{0,20}(\d[\d,]*)/;

const statuses: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * The same error, with the limit that a refusal names: `allowed tokens per submitted batch is 100000`. Core plans anew
 * then.
 */
export function withLearnedLimits(error: DheeraError, refusals: readonly RowRefusal[] = []): DheeraError {
  const refusal = error.cause;
  if (refusals.length === 0 || !isHttpError(refusal) || !statuses.has(refusal.status ?? 0)) return error;
  const learned = learnedFrom(refusal.body, refusals);
  return learned === undefined ? error : DheeraError.from(error, { learned });
}

/** What a refusal's text teaches; undefined where it holds none of the known texts. */
export function learnedFrom(body: unknown, refusals: readonly RowRefusal[]): Limits | undefined {
  const texts = textsOf(body);
  for (const { after, learns } of refusals)
    for (const text of texts) {
      const at = text.indexOf(after);
      const number = at < 0 ? undefined : numberAfter(text, at + after.length);
      if (number !== undefined) return limitsOf({ [learns]: number });
    }
  return undefined;
}

/** The places where services are known to put a sentence. */
const places = [
  "message",
  "error.message",
  "error",
  "detail",
  "detail.error",
  "detail.0.msg",
  "errors.0.message",
  "Message",
].map(fieldPath);

function textsOf(body: unknown): readonly string[] {
  const candidates = typeof body === "string" ? [body] : places.map((place) => readField(body, place));
  return candidates.flatMap((text) => (typeof text === "string" ? [text.slice(0, mostCharacters)] : []));
}

/** Digits, with commas between thousands; what is no sensible limit is none. */
function numberAfter(text: string, from: number): number | undefined {
  const [, digits = "0"] = firstNumber.exec(text.slice(from, from + mostBetween + mostDigits)) ?? [];
  const limit = Number(digits.replaceAll(",", ""));
  return limit >= 1 && Number.isSafeInteger(limit) ? limit : undefined;
}
