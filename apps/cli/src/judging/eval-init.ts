import type { UnknownCost } from "@dheera-ai/eval";
import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { flag, list, port, text, wholeNumber } from "../command-line/values.ts";
import { UsageError } from "../errors.ts";
import { measureOptions, measureSchema } from "../measuring/measure-options.ts";

export interface EvalInitOptions {
  readonly documents?: string;
  readonly queries?: string;
  readonly config?: string;
  readonly models?: readonly string[];
  readonly depth: number;
  readonly top_k: number;
  readonly sample: number;
  readonly seed: number;
  readonly language?: string;
  readonly max_cost?: number;
  readonly unknown_cost: UnknownCost;
  readonly scores?: string;
  readonly port: number;
  readonly open: boolean;
}

const { max_cost, unknown_cost, scores } = measureOptions;

export const evalInit = defineCommand<EvalInitOptions>({
  name: "eval init",
  summary: "Judge your own documents by keyboard in the browser, to measure models on them",
  usage: [
    "FOLDER --documents FILE|FOLDER --queries FILE [--config FILE --models A,B]",
    "FOLDER --queries LOG.jsonl",
    "FOLDER    # goes on judging",
  ],
  operands: "FOLDER",
  options: {
    documents: { value: "PATH", help: "a file (.jsonl, .json, .csv, .tsv, or a text a line), or a folder of texts" },
    queries: {
      value: "FILE",
      help: 'a query a line, .csv, or .jsonl: {"query": …}, or logged requests: {"query": …, "documents": […]}',
    },
    config: { short: "c", value: "FILE", help: "the models of this configuration" },
    models: { short: "m", value: "A,B", help: "bring up what these rank high, too (BM25 alone)" },
    depth: { value: "N", help: "judge the best N of each ranking (10)" },
    top_k: { value: "N", help: "models rank the best N that BM25 finds (100)" },
    sample: { value: "N", help: "judge this many queries (50)" },
    seed: { value: "NUMBER", help: "which queries, and the order of documents (7)" },
    language: { value: "LANGUAGE", help: "of the documents, for BM25 (english)" },
    max_cost,
    unknown_cost,
    scores,
    port: { value: "PORT", help: "of the page, on this machine only (any that is free)" },
    open: { help: "open the page in a browser; --no_open prints its address only" },
  },
  schema: v.object({
    documents: v.optional(text),
    queries: v.optional(text),
    config: v.optional(text),
    models: v.optional(list),
    depth: v.optional(wholeNumber(1, 100), "10"),
    top_k: v.optional(wholeNumber(1, 1_000), "100"),
    sample: v.optional(wholeNumber(1, 10_000), "50"),
    seed: v.optional(wholeNumber(0), "7"),
    language: v.optional(text),
    max_cost: measureSchema.max_cost,
    unknown_cost: measureSchema.unknown_cost,
    scores: measureSchema.scores,
    port: v.optional(port, "0"),
    open: v.optional(flag, true),
  }),
  examples: [
    "dheera_ai eval init mine --documents handbook.jsonl --queries questions.txt",
    "dheera_ai eval init mine --queries requests.jsonl --config config.yaml --models bge,cohere",
  ],
  async run({ options, operands }, terminal) {
    const [folder, ...more] = operands;
    if (folder === undefined || more.length > 0)
      throw new UsageError("eval init wants one folder to write to: dheera_ai eval init FOLDER");
    // Loaded when it is needed: what searches documents and serves pages is more than all other commands together.
    const { runEvalInit } = await import("./run-eval-init.ts");
    return runEvalInit(folder, options, terminal);
  },
});
