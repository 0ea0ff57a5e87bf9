import type { UnknownCost } from "@dheera-ai/eval";
import * as v from "valibot";

import type { Option } from "../command-line/command.ts";
import { number, text, wholeNumber } from "../command-line/values.ts";

/** Options of every command that lets models rank a collection. */
export interface MeasureOptions {
  readonly config?: string;
  readonly top_k: number;
  readonly queries?: number;
  readonly seed: number;
  readonly concurrency: number;
  readonly candidates?: string;
  readonly split?: string;
  readonly language?: string;
  readonly max_cost?: number;
  readonly unknown_cost: UnknownCost;
  readonly scores?: string;
}

export const measureOptions: Readonly<Record<keyof MeasureOptions, Option>> = {
  config: { short: "c", value: "FILE", help: "the configuration of the models" },
  top_k: { value: "N", help: "candidates of a query that are ranked (100)" },
  queries: { value: "N", help: "a sample of so many queries (all)" },
  seed: { value: "S", help: "which sample, and the draws of the statistics (1)" },
  concurrency: { value: "N", help: "requests at one time (2); 1 for the truest times" },
  candidates: { value: "FILE", help: "candidates from this TREC run (BM25 over the collection, where it has none)" },
  split: { value: "NAME", help: "judgements of a BEIR folder: test, dev, train (test)" },
  language: { value: "NAME", help: "of the texts, for BM25 over the collection (english)" },
  max_cost: { value: "DOLLARS", help: "stop before this run could cost more" },
  unknown_cost: {
    value: "HOW",
    help: "with --max_cost, models without a known price: refuse, skip, or allow, which counts twice the dearest request so far, and nothing where a model never says it (refuse)",
  },
  scores: { value: "FILE", help: "rankings are kept here, and not asked for again (in the user's cache)" },
};

const dollars = v.pipe(number, v.minValue(0, "wants US dollars, 0 or more"));

export const measureSchema = {
  config: v.optional(text),
  top_k: v.optional(wholeNumber(1, 10_000), "100"),
  queries: v.optional(wholeNumber(1)),
  seed: v.optional(wholeNumber(0), "1"),
  concurrency: v.optional(wholeNumber(1, 64), "2"),
  candidates: v.optional(text),
  split: v.optional(text),
  language: v.optional(text),
  max_cost: v.optional(dollars),
  unknown_cost: v.optional(v.picklist(["refuse", "skip", "allow"], "wants refuse, skip or allow"), "refuse"),
  scores: v.optional(text),
};
