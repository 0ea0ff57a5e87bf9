import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

import { isLanguage, type Language, languages } from "./language.ts";

/** The language, and the constants of Okapi BM25. */
export interface Bm25Options {
  /**
   * The language whose stop words and stemmer apply; default `english`. `none` uses neither, which suits mixed
   * languages.
   */
  readonly language?: Language | undefined;
  /**
   * Whether words that are rare in the language at large count more, beside those that are rare in the documents of the
   * request; default true. `false` is plain Okapi BM25 over these documents. The language `none` has nothing to compare with.
   */
  readonly background?: boolean | undefined;
  /** How much a word's second and later occurrences add, 0 or more; default 1.2. */
  readonly k1?: number | undefined;
  /** How much the length of a document lowers its score, 0 to 1; default 0.75. */
  readonly b?: number | undefined;
}

/** @throws DheeraError `invalid_request` naming the option at fault. */
export function parseOptions(options: unknown): Required<Bm25Options> {
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new DheeraError("invalid_request", `bm25 cannot work with these options: ${issue.message}`, {
    param: v.getDotPath(issue) ?? "options",
    provider: "bm25",
  });
}

const ofBackground = "background must be true or false";
const ofK1 = "k1 must be a number from 0 on";
const ofB = "b must be a number from 0 to 1";

const schema = v.object({
  language: v.optional(v.custom<Language>(isLanguage, `language must be one of ${languages.join(", ")}`), "english"),
  background: v.optional(v.boolean(ofBackground), true),
  k1: v.optional(v.pipe(v.number(ofK1), v.finite(ofK1), v.minValue(0, ofK1)), 1.2),
  b: v.optional(v.pipe(v.number(ofB), v.minValue(0, ofB), v.maxValue(1, ofB)), 0.75),
});
