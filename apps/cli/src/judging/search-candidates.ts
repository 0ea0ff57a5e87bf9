import { setImmediate } from "node:timers/promises";

import { type Collection, type CorpusDocument, indexCollection, type Language } from "@dheera-ai/eval";

import { Failure } from "../errors.ts";
import type { AskedQuery } from "./read-queries.ts";

interface Asked {
  /** For people. */
  readonly name: string;
  readonly documents: readonly CorpusDocument[];
  readonly queries: readonly AskedQuery[];
  /** Documents are searched, beside those that queries bring. */
  readonly hasCorpus: boolean;
}

interface SearchOptions {
  readonly depth: number;
  /** Documents that are searched for a query. */
  readonly top_k: number;
  readonly language: Language | undefined;
  readonly signal: AbortSignal;
}

export interface Searched {
  /** Queries without judgements, each with what models are to rank. */
  readonly collection: Collection;
  /** By the id of a query: its best documents, as they were logged and by BM25. */
  readonly rankings: ReadonlyMap<string, readonly (readonly string[])[]>;
}

/** Finds what models rank, and what is worth judging without any model. @throws Failure where it was stopped */
export async function searchCandidates(
  { name, documents, queries, hasCorpus }: Asked,
  { depth, top_k, language, signal }: SearchOptions,
): Promise<Searched> {
  // As the collection will be read, so that `eval` finds the rankings that are kept of these texts.
  const texts = new Map(documents.map(({ id, title, text }) => [id, `${title ?? ""} ${text}`.trim()]));
  const index = await indexCollection({ documents: texts }, language === undefined ? {} : { language });
  const rankings = new Map<string, readonly (readonly string[])[]>();
  const searched: Collection["queries"][number][] = [];
  for (const { id, text, logged } of queries) {
    // Between two searches, somebody may stop it.
    await setImmediate();
    if (signal.aborted) throw new Failure("interrupted before any model was asked");
    const own = new Set(logged);
    const found = hasCorpus ? index.search(text, top_k).map((hit) => hit.id) : [];
    const ofLogged =
      own.size === 0 ? [] : index.search(text, texts.size).flatMap((hit) => (own.has(hit.id) ? [hit.id] : []));
    rankings.set(
      id,
      [logged, found, ofLogged].map((ranking) => ranking.slice(0, depth)),
    );
    const candidates = [...new Set([...logged, ...found])].slice(0, mostCandidates);
    searched.push({ id, text, grades: new Map(), candidates });
  }
  return { collection: { name, documents: texts, queries: searched, warnings: [] }, rankings };
}

/** As many as one request may have, and more than anybody judges. */
export const mostCandidates = 1_000;
