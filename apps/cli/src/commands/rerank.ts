import type { JsonDocument, RerankRequest, RerankResponse } from "@dheera-ai/core";
import * as v from "valibot";

import { address, flag, list, seconds, text, wholeNumber } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { openDheera } from "../open-dheera.ts";
import { drawRanking } from "../drawing/ranking-table.ts";
import { readDocuments } from "../read-documents.ts";
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
  readonly timeout?: number;
  readonly output?: "table" | "json" | "jsonl";
}

export const rerank = defineCommand<RerankOptions>({
  name: "rerank",
  summary: "Rank documents by their relevance to a query",
  usage: [
    "--model MODEL --query QUERY [documents…]",
    "--model MODEL --query QUERY --file docs.txt|.jsonl|.json",
    "--model MODEL --query QUERY < documents",
  ],
  operands: "[documents…]",
  options: {
    model: { short: "m", value: "MODEL", help: "<provider>/<model>, or a model name of --config or of a proxy" },
    query: { short: "q", value: "QUERY", help: "what the documents are compared with" },
    file: {
      short: "f",
      value: "FILE",
      help: "read documents from here: lines of text, .jsonl or .json; - is standard input",
    },
    top_n: { short: "n", value: "N", help: "how many results (all)" },
    config: { short: "c", value: "FILE", help: "use the models of this configuration" },
    api_base: { value: "URL", help: "ask this server: a Dheera AI proxy or any reranker" },
    api_key: { value: "KEY", help: "the key for it" },
    rank_fields: { value: "A,B", help: "fields of object documents that count (all)" },
    return_documents: { help: "repeat each document in its result" },
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
    const ranking = await opened.dheera.rerank(requestOf(options, documents), { signal: terminal.stop });
    for (const warning of ranking.meta.warnings ?? []) terminal.printError(`warning: ${warning}`);
    terminal.output.print(present(ranking, documents, options, terminal.output));
    return 0;
  },
});

function requestOf(options: RerankOptions, documents: readonly JsonDocument[]): RerankRequest {
  const { model, query, top_n, api_base, api_key, rank_fields, return_documents, timeout } = options;
  return { model, query, documents, top_n, api_base, api_key, rank_fields, return_documents, timeout };
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
