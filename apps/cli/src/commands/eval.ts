import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { type Format, format, list, text, wholeNumber } from "../command-line/values.ts";
import { UsageError } from "../errors.ts";
import { evalInit } from "../judging/eval-init.ts";
import { type MeasureOptions, measureOptions, measureSchema } from "../measuring/measure-options.ts";

export interface EvalOptions extends MeasureOptions {
  readonly models?: readonly string[];
  readonly baseline?: string;
  readonly k: number;
  readonly json?: string;
  readonly html?: string;
  readonly output?: Format;
}

const { config, top_k, queries, seed, ...others } = measureOptions;

export const evaluation = defineCommand<EvalOptions>({
  name: "eval",
  summary: "Measure which model ranks better, at what price and how fast, on judged queries",
  usage: ["FOLDER [--config FILE] [--models A,B] [--json FILE] [--html FILE]"],
  operands: "FOLDER",
  actions: [evalInit],
  options: {
    config,
    models: {
      short: "m",
      value: "A,B",
      help: "model names (all of --config; without one bm25/default, and a model that was pulled)",
    },
    baseline: { value: "NAME", help: "the model that the others are compared with (the first one)" },
    top_k,
    queries,
    seed,
    k: { value: "K", help: "documents at the top that count: ndcg@K, mrr@K, recall@K (10)" },
    json: { value: "FILE", help: "write the whole report here" },
    html: { value: "FILE", help: "write it as a page with plots and queries side by side" },
    ...others,
    output: { value: "FORMAT", help: "table, or json: the whole report (table on a terminal)" },
  },
  schema: v.object({
    ...measureSchema,
    models: v.optional(list),
    baseline: v.optional(text),
    k: v.optional(wholeNumber(1, 10_000), "10"),
    json: v.optional(text),
    html: v.optional(text),
    output: v.optional(format),
  }),
  examples: [
    "dheera_ai eval examples/town-guide",
    "dheera_ai eval ./judged --config config.yaml --models bm25,cohere --queries 200 --max_cost 1.00 --html report.html",
  ],
  async run({ options, operands }, terminal) {
    const [folder, ...more] = operands;
    if (folder === undefined || more.length > 0)
      throw new UsageError("eval wants one folder or file of judged queries: dheera_ai eval FOLDER");
    // Loaded when it is needed: what reads collections and draws pages is more than all other commands together.
    const { runEvaluation } = await import("../measuring/run-evaluation.ts");
    return runEvaluation(folder, options, terminal);
  },
});
