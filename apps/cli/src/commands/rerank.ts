import { type JsonDocument, newReport, type RerankRequest, type RerankResponse } from "@dheera-ai/core";
import * as v from "valibot";

import { address, flag, list, number, seconds, text, wholeNumber } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { openDheera } from "../open-dheera.ts";
import { drawRanking } from "../drawing/ranking-table.ts";
import { withProgress } from "../progress.ts";
import { readDocuments } from "../read-documents.ts";
import { apiKeyOf } from "../api-key.ts";
import type { Output } from "../terminal.ts";
import { UsageError } from "../errors.ts";

interface RerankOptions {
  readonly model: string;
  readonly query: string;
  readonly file?: string;
  readonly top_n?: number;
  readonly config?: string;
  readonly api_base?: string;
  readonly api_key?: string;
  readonly rank_fields?: string[];
  readonly return_documents: boolean;
  readonly min_score?: number;
  readonly diversify?: number;
  readonly raw_scores?: boolean;
  readonly normalize?: "none" | "sigmoid";
  readonly instruction?: string;
  readonly long_documents?: "truncate" | "chunk_max";
  readonly timeout?: number;
  readonly output?: "table" | "json" | "jsonl";
}

export const rerank = defineCommand<RerankOptions>({
  name: "rerank",
  summary: "Rank documents by their relevance to a query",
  usage: [
    "--model MODEL --query QUERY [documents…]",
    "--model MODEL --query QUERY --file docs.txt|.jsonl|.json|.csv",
    "--model MODEL --query QUERY < documents",
  ],
  operands: "[documents…]",
  options: {
    model: { short: "m", value: "MODEL", help: "<provider>/<model>, or a model name of --config or of a proxy" },
    query: { short: "q", value: "QUERY", help: "what the documents are compared with" },
    file: {
      short: "f",
      value: "FILE",
      help: "read documents from here: lines of text, .jsonl, .json, .csv or .tsv; - is standard input",
    },
    top_n: { short: "n", value: "N", help: "how many results (all)" },
    config: { short: "c", value: "FILE", help: "use the models of this configuration" },
    api_base: { value: "URL", help: "ask this server: a Dheera AI proxy or any reranker" },
    api_key: { value: "KEY", help: "the key for it (DHEERA_AI_API_KEY)" },
    rank_fields: { value: "A,B", help: "fields of object documents that count (text; all where there is none)" },
    return_documents: { help: "repeat each document in its result" },
    min_score: { value: "SCORE", help: "leave out results below this score" },
    diversify: { value: "LAMBDA", help: "put what says the same further back: 1 is relevance alone, 0.7 a good start" },
    raw_scores: { help: "logits, where the model can" },
    normalize: { value: "HOW", help: "sigmoid maps logits to 0..1; none" },
    instruction: { value: "TEXT", help: "what relevant means, for models that follow instructions" },
    long_documents: { value: "HOW", help: "truncate, or chunk_max: the best chunk counts (truncate)" },
    timeout: { value: "SECONDS", help: "give up after this long" },
    output: { value: "FORMAT", help: "table, json or jsonl (table on a terminal, json in a pipe)" },
  },
  schema: v.object({
    model: text,
    query: text,
    file: v.optional(text),
    top_n: v.optional(wholeNumber(1)),
    config: v.optional(text),
    api_base: v.optional(address),
    api_key: v.optional(text),
    rank_fields: v.optional(list),
    return_documents: v.optional(flag, false),
    min_score: v.optional(number),
    diversify: v.optional(number),
    raw_scores: v.optional(flag),
    normalize: v.optional(v.picklist(["none", "sigmoid"], "wants none or sigmoid")),
    instruction: v.optional(text),
    long_documents: v.optional(v.picklist(["truncate", "chunk_max"], "wants truncate or chunk_max")),
    timeout: v.optional(seconds),
    output: v.optional(v.picklist(["table", "json", "jsonl"], "wants table, json or jsonl")),
  }),
  examples: [
    'dheera_ai rerank --model bm25/default --query "capital of the United States" "Washington, D.C." "Carson City"',
    'dheera_ai rerank --model huggingface/BAAI/bge-reranker-base --query "…" --file docs.txt --top_n 3',
    'dheera_ai rerank --model bge-reranker-base --query "…" --file docs.jsonl --api_base http://localhost:4000',
  ],
  async run({ options, operands }, terminal) {
    if (options.config !== undefined && options.api_base !== undefined)
      throw new UsageError("--config and --api_base both say where the model is; give one");
    const documents = await readDocuments({
      operands,
      input: terminal.input,
      ...(options.file !== undefined && { file: options.file }),
    });
    await using opened = await openDheera(options.config, terminal.environment);
    const report = newReport();
    const progress = (): string => `${count(report.scored)} of ${count(documents.length)} documents are scored`;
    const request = requestOf(options, documents, apiKeyOf(options, terminal.environment));
    const ranking = await withProgress(terminal, progress, () =>
      opened.dheera.rerank(request, { report, signal: terminal.stop }),
    );
    for (const warning of ranking.meta.warnings ?? []) terminal.printError(`warning: ${warning}`);
    terminal.output.print(present(ranking, documents, options, terminal.output));
    return 0;
  },
});

/** What is left of the options is the request: they have the names of its fields. */
function requestOf(
  { config: _config, file: _file, output: _output, diversify, ...fields }: RerankOptions,
  documents: readonly JsonDocument[],
  api_key: string | undefined,
): RerankRequest {
  return { ...fields, documents, api_key, ...(diversify !== undefined && { diversify: { lambda: diversify } }) };
}

function count(documents: number): string {
  return documents.toLocaleString("en");
}

function present(
  ranking: RerankResponse,
  documents: readonly JsonDocument[],
  options: RerankOptions,
  output: Output,
): string {
  switch (options.output ?? (output.interactive ? "table" : "json")) {
    case "table":
      return drawRanking(ranking, documents, output);
    case "jsonl":
      return ranking.results.map((result) => JSON.stringify(result)).join("\n");
    case "json":
      return JSON.stringify(ranking, undefined, 2);
  }
}
