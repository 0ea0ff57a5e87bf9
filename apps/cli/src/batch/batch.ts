import * as v from "valibot";

import type { BatchOptions } from "./batch-options.ts";
import { batchFormats } from "./formats.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { address, flag, number, seconds, text, wholeNumber } from "../command-line/values.ts";
import { UsageError } from "../errors.ts";

const formatWanted = `wants ${batchFormats.join(", ")}`;

export const batch = defineCommand<BatchOptions>({
  name: "batch",
  summary: "Rank the documents of many queries, from a file into a file; what was interrupted goes on",
  usage: [
    "INPUT --model MODEL --output FILE",
    "INPUT --model MODEL --output FILE --config config.yaml",
    "INPUT --model NAME --output FILE --api_base URL",
    "RUN --format trec --queries FILE --documents FILE --model MODEL --output FILE",
  ],
  operands: "INPUT",
  options: {
    model: { short: "m", value: "MODEL", help: "<provider>/<model>, or a model name of --config or of a proxy" },
    output: {
      short: "o",
      value: "FILE",
      help: "results go here: .jsonl, .csv, .parquet or .run, and .gz behind it; - is standard output",
    },
    config: { short: "c", value: "FILE", help: "use the models of this configuration" },
    api_base: { value: "URL", help: "a Dheera AI proxy that runs the batch; with <provider>/<model>, a server of it" },
    api_key: { value: "KEY", help: "the key for it (DHEERA_AI_API_KEY)" },
    format: { short: "f", value: "FORMAT", help: `of files whose names do not tell it: ${batchFormats.join(", ")}` },
    input_format: { value: "FORMAT", help: "of the input, whatever it is called" },
    queries: { value: "FILE", help: "with a TREC run: the texts of its queries" },
    documents: { value: "FILE", help: "with a TREC run: the texts of its documents" },
    errors: { value: "FILE", help: "what failed goes here, as JSONL (beside the output)" },
    progress: { value: "FOLDER", help: "where a run keeps what it needs to go on (beside the output)" },
    top_n: { short: "n", value: "N", help: "how many results of each request (all)" },
    return_documents: { help: "repeat documents in the output, and in tables the query" },
    instruction: { value: "TEXT", help: "what relevant means, for models that follow instructions" },
    long_documents: { value: "HOW", help: "truncate, or chunk_max: the best chunk counts (truncate)" },
    raw_scores: { help: "logits, where the model can" },
    normalize: { value: "HOW", help: "sigmoid maps logits to 0..1; none" },
    concurrency: { value: "N", help: "requests at one time, in this process (32)" },
    max_cost: { value: "DOLLARS", help: "stop before the batch could cost more, earlier runs of it included" },
    unknown_cost: {
      value: "HOW",
      help: "with --max_cost, a model without a known price: refuse, or allow, which counts twice the dearest request so far (refuse)",
    },
    patience: { value: "SECONDS", help: "stop when no server has answered for this long (600)" },
    overwrite: { help: "begin anew: replace an output that is there, forget what was begun" },
    finish: { help: "write what has been ranked until now, and give up the rest" },
  },
  schema: v.object({
    model: v.optional(text),
    output: text,
    config: v.optional(text),
    api_base: v.optional(address),
    api_key: v.optional(text),
    format: v.optional(v.picklist(batchFormats, formatWanted)),
    input_format: v.optional(v.picklist(batchFormats, formatWanted)),
    queries: v.optional(text),
    documents: v.optional(text),
    errors: v.optional(text),
    progress: v.optional(text),
    top_n: v.optional(wholeNumber(1)),
    return_documents: v.optional(flag, false),
    instruction: v.optional(text),
    long_documents: v.optional(v.picklist(["truncate", "chunk_max"], "wants truncate or chunk_max")),
    raw_scores: v.optional(flag),
    normalize: v.optional(v.picklist(["none", "sigmoid"], "wants none or sigmoid")),
    concurrency: v.optional(wholeNumber(1, 1_024), "32"),
    max_cost: v.optional(v.pipe(number, v.minValue(0, "wants US dollars, 0 or more"))),
    unknown_cost: v.optional(v.picklist(["refuse", "allow"], "wants refuse or allow"), "refuse"),
    patience: v.optional(seconds, "600"),
    overwrite: v.optional(flag, false),
    finish: v.optional(flag, false),
  }),
  examples: [
    "dheera_ai batch requests.jsonl --model huggingface/BAAI/bge-reranker-base --output ranked.jsonl",
    "dheera_ai batch pairs.parquet --model cohere --config config.yaml --output scores.parquet --max_cost 5",
    "dheera_ai batch requests.jsonl.gz --model bge --api_base http://localhost:4000 --output ranked.csv",
    "dheera_ai batch bm25.run --queries queries.tsv --documents corpus.jsonl --model bge --config config.yaml --output bge.run",
  ],
  async run({ options, operands }, terminal) {
    const [input, ...more] = operands;
    if (input === undefined || more.length > 0)
      throw new UsageError("batch wants one input: dheera_ai batch INPUT --model MODEL --output FILE");
    // Loaded when it is needed: what reads collections and runs batches is more than all other commands together.
    const { runBatch } = await import("./run-batch.ts");
    return runBatch(input, options, terminal);
  },
});
