import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { refusal } from "../files/refusal.ts";
import type { SeparateFiles } from "./separate-files.ts";

/** Files that somebody named, and that need not be found. */
export interface NamedFiles extends Partial<SeparateFiles> {
  readonly split?: string | undefined;
}

/**
 * Finds the files of a folder in BEIR's layout.
 * @throws DheeraError `invalid_request` naming what is missing, and what is there instead.
 */
export async function findBeirFiles(folder: string, named: NamedFiles): Promise<SeparateFiles> {
  const names = await namesIn(folder);
  return {
    documents: named.documents ?? one(folder, names, /^corpus\.jsonl$/i, "corpus.jsonl", "documents"),
    queries: named.queries ?? one(folder, names, /^queries\.jsonl$/i, "queries.jsonl", "queries"),
    qrels: named.qrels ?? (await findSplit(join(folder, "qrels"), named.split)),
  };
}

/**
 * Finds the files of a folder by what their names say.
 * @throws DheeraError `invalid_request` naming what is missing, and which option names it.
 */
export async function findTrecFiles(folder: string, named: NamedFiles): Promise<SeparateFiles> {
  const names = await namesIn(folder);
  return {
    qrels: named.qrels ?? one(folder, names, /qrel/i, "file of judgements (*qrels*)", "qrels"),
    queries: named.queries ?? one(folder, names, /quer|topic/i, "file of queries (*queries* or *topics*)", "queries"),
    documents:
      named.documents ??
      one(folder, names, /corpus|doc|collection|passage/i, "file of documents (*documents* or *corpus*)", "documents"),
  };
}

/** Names of the files in a folder, in order. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

function one(folder: string, names: readonly string[], pattern: RegExp, what: string, option: string): string {
  const found = names.filter((name) => pattern.test(unpacked(name)) && (option === "qrels" || !/qrel/i.test(name)));
  const [first, ...others] = found;
  if (first === undefined) throw refusal(folder, undefined, `there is no ${what} in it; name one with ${option}`);
  if (others.length > 0)
    throw refusal(folder, undefined, `${listed(found)} could each be the ${what}; name the right one with ${option}`);
  return join(folder, first);
}

async function findSplit(folder: string, split: string | undefined): Promise<string> {
  const files = (await namesIn(folder)).filter((name) => unpacked(name).endsWith(".tsv"));
  const splits = files.map((name) => unpacked(name).slice(0, -".tsv".length));
  const wanted = split ?? (files.length === 1 ? splits[0] : "test");
  const found = files[splits.findIndex((name) => name === wanted)];
  if (found !== undefined) return join(folder, found);
  const problem = files.length === 0 ? "there are no judgements (*.tsv) in it" : `there is no ${wanted}.tsv in it`;
  throw refusal(
    folder,
    undefined,
    `${problem}${files.length > 0 ? `; the splits are ${listed(splits)}` : "; name a file with qrels"}`,
  );
}

function unpacked(name: string): string {
  return name.replace(/\.gz$/i, "");
}

/** Folders may have thousands of files. */
function listed(names: readonly string[]): string {
  return names.length <= 10 ? names.join(", ") : `${names.slice(0, 10).join(", ")} and ${names.length - 10} more`;
}
