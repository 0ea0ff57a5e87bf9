import type { JsonDocument } from "@dheera-ai/core";
import type { CorpusDocument } from "@dheera-ai/eval";
import * as v from "valibot";

import { UsageError } from "../errors.ts";
import { readDocumentFile } from "../read-documents.ts";
import { CorpusBuilder, idOf } from "./corpus-builder.ts";

/** A query that is to be judged. */
export interface AskedQuery {
  readonly id: string;
  readonly text: string;
  /** Ids of the documents that a logged request brought, in its order. */
  readonly logged: readonly string[];
}

export interface ReadQueries {
  readonly queries: readonly AskedQuery[];
  /** Those that were given, and those that the queries brought. */
  readonly documents: readonly CorpusDocument[];
}

/**
 * Reads queries: a text a line, a row of a CSV, or a JSON object with `query` or `text`, which may be a logged request
 * with the `documents` that it ranked. One that was asked several times is one, with the documents of all times.
 * @throws UsageError naming the file and which query of it is at fault
 */
export async function readQueries(file: string, documents: readonly CorpusDocument[]): Promise<ReadQueries> {
  const corpus = new CorpusBuilder(documents);
  const byText = new Map<string, { readonly id: string; readonly text: string; readonly logged: Set<string> }>();
  const ids = new Set<string>();
  const records = await readDocumentFile(file, "--queries");
  for (const [index, record] of records.entries()) {
    const where = `${file}: query ${index + 1}`;
    const text = queryOf(record, where);
    let query = byText.get(text);
    if (query === undefined) {
      const id = idOf(record, where) ?? `q${index + 1}`;
      if (ids.has(id)) throw new UsageError(`${where} has the id of another query; give each its own "_id"`);
      ids.add(id);
      query = { id, text, logged: new Set() };
      byText.set(text, query);
    }
    for (const document of documentsOf(record, where)) query.logged.add(corpus.idOfLogged(document));
  }
  const queries = [...byText.values()].map(({ id, text, logged }) => ({ id, text, logged: [...logged] }));
  if (corpus.documents.length === 0)
    throw new UsageError(
      `--documents is missing: the queries of ${file} bring no documents of their own, as logged requests do`,
    );
  return { queries, documents: corpus.documents };
}

function queryOf(record: JsonDocument, where: string): string {
  const text = typeof record === "string" ? record : (record["query"] ?? record["text"]);
  if (typeof text !== "string" || text.trim() === "")
    throw new UsageError(`${where} has no text: a line, or a field "query" or "text"`);
  return text.trim();
}

const documentsSchema = v.array(v.union([v.string(), v.record(v.string(), v.unknown())]));

function documentsOf(record: JsonDocument, where: string): readonly JsonDocument[] {
  const given = typeof record === "string" ? undefined : record["documents"];
  if (given === undefined || given === null) return [];
  const checked = v.safeParse(documentsSchema, given);
  if (!checked.success) throw new UsageError(`${where}: "documents" must be a list of texts or objects`);
  return checked.output;
}
