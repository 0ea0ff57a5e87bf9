import { stat } from "node:fs/promises";
import { join } from "node:path";

import { refusal } from "../files/refusal.ts";
import { type NamedFiles, namesIn } from "./find-files.ts";

/** The form of a test collection on disk. */
export type CollectionFormat = "beir" | "trec" | "jsonl" | "csv";

/** What is there, and the folder or the file to read. */
export interface Detected {
  readonly format: CollectionFormat;
  readonly place: string;
}

/**
 * Tells a collection's format by the names of its files.
 * @throws DheeraError `invalid_request` where that is not possible, with what would be.
 */
export async function detectFormat(
  path: string,
  { format, ...named }: NamedFiles & { readonly format?: CollectionFormat | undefined },
): Promise<Detected> {
  if (!(await stat(path)).isDirectory()) return { format: formatOfFile(path, format), place: path };
  const names = await namesIn(path);
  const has = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));
  if (format === "beir" || format === "trec") return { format, place: path };
  if (format === undefined) {
    if (has(/^corpus\.jsonl(?:\.gz)?$/i) && has(/^queries\.jsonl(?:\.gz)?$/i)) return { format: "beir", place: path };
    if (named.qrels !== undefined || has(/qrel/i)) return { format: "trec", place: path };
  }
  const files = names.filter((name) =>
    patterns.some(([each, pattern]) => pattern.test(name) && each === (format ?? each)),
  );
  const [only = "", ...others] = files;
  if (only !== "" && others.length === 0) return { format: formatOfFile(only, format), place: join(path, only) };
  throw refusal(
    path,
    undefined,
    `it is no collection: there must be corpus.jsonl, queries.jsonl and qrels/test.tsv (BEIR), or files of judgements, queries and documents (*qrels*, *queries*, *documents*), or one .jsonl or .csv of judged queries${others.length > 0 ? `; there are ${files.length} of those, so name one` : ""}`,
  );
}

const patterns: readonly (readonly [CollectionFormat, RegExp])[] = [
  ["jsonl", /\.(?:jsonl|ndjson)(?:\.gz)?$/i],
  ["csv", /\.(?:csv|tsv)(?:\.gz)?$/i],
];

function formatOfFile(file: string, given: CollectionFormat | undefined): CollectionFormat {
  if (given === "beir" || given === "trec")
    throw refusal(file, undefined, `it is a file, and the format ${given} is a folder; name the folder`);
  const format = given ?? patterns.find(([, pattern]) => pattern.test(file))?.[0];
  if (format === undefined)
    throw refusal(
      file,
      undefined,
      "its name does not end in .jsonl, .csv or .tsv; say which format it has: jsonl or csv",
    );
  return format;
}
