import { basename } from "node:path";

import { assemble, type Parts } from "./assemble.ts";
import type { Collection } from "./collection.ts";
import { Budget } from "./files/budget.ts";
import { describeFileError } from "./files/describe-file-error.ts";
import { refusal } from "./files/refusal.ts";
import { type CollectionFormat, detectFormat } from "./formats/detect-format.ts";
import { findBeirFiles, findTrecFiles, type NamedFiles } from "./formats/find-files.ts";
import { readJudgedCsv } from "./formats/judged-csv.ts";
import { readJudgedJsonl } from "./formats/judged-jsonl.ts";
import { readRun } from "./formats/run-file.ts";
import { readSeparateFiles } from "./formats/separate-files.ts";

export type { CollectionFormat };

/** The form of a collection, its files, and how much of it is read. */
export interface ReadCollectionOptions extends NamedFiles {
  /**
   * `beir`: `corpus.jsonl`, `queries.jsonl` and `qrels/`; `trec`: judgements, queries and documents in files whose names say so;
   * `jsonl`: a query with its documents a line; `csv`: a pair of query and document a row. By default told by what is there.
   */
  readonly format?: CollectionFormat | undefined;
  /** Run file of TREC, whose documents are the candidates, whatever the format. */
  readonly run?: string | undefined;
  /** Bytes of all files, unpacked; default half of what this process may keep in memory. */
  readonly mostBytes?: number | undefined;
}

/**
 * Reads a test collection from a folder or a file, packed by gzip or not.
 * @throws DheeraError `invalid_request` naming the file, the line, the field and the remedy; never a text.
 */
export async function readCollection(path: string, options: ReadCollectionOptions = {}): Promise<Collection> {
  const budget = new Budget(options.mostBytes);
  try {
    const { format, place } = await detectFormat(path, options);
    const parts = await read[format](place, options, budget);
    const run = options.run === undefined ? undefined : await readRun(options.run, budget);
    return assemble({
      path,
      name: basename(path),
      ...parts,
      ...(run && { candidates: run, candidatesFile: options.run }),
    });
  } catch (error) {
    const reason = describeFileError(error);
    throw reason === undefined ? error : refusal(pathOf(error) ?? path, undefined, reason);
  }
}

/** What the system refused: a folder within the collection, perhaps. */
function pathOf(error: unknown): string | undefined {
  return error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : undefined;
}

const read: Readonly<Record<CollectionFormat, (place: string, named: NamedFiles, budget: Budget) => Promise<Parts>>> = {
  beir: async (folder, named, budget) => readSeparateFiles(await findBeirFiles(folder, named), budget),
  trec: async (folder, named, budget) => readSeparateFiles(await findTrecFiles(folder, named), budget),
  jsonl: (file, _named, budget) => readJudgedJsonl(file, budget),
  csv: (file, _named, budget) => readJudgedCsv(file, budget),
};
