import type { Collection, JudgedQuery } from "./collection.ts";
import { refusal } from "./files/refusal.ts";
import type { Judgements } from "./judgements.ts";
import type { Texts } from "./texts.ts";

/** What was read of a collection, from whatever files. */
export interface Parts {
  readonly documents: Texts;
  readonly queries: Texts;
  readonly judgements: Judgements;
  /** By query, best first. */
  readonly candidates?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Where the candidates are from, if from a file of their own. */
  readonly candidatesFile?: string | undefined;
}

interface Names {
  /** The folder or the file, for messages. */
  readonly path: string;
  readonly name: string;
}

/**
 * Puts the parts together.
 * @throws DheeraError `invalid_request` where they do not belong together, or where there is nothing to measure.
 */
export function assemble({ path, name, ...parts }: Parts & Names): Collection {
  const { documents, queries, judgements, candidates, candidatesFile = path } = parts;
  if (documents.byId.size === 0) throw refusal(path, undefined, "the collection has no documents; its file is empty");
  if (queries.byId.size === 0) throw refusal(path, undefined, "the collection has no queries; their file is empty");
  if (judgements.byQuery.size === 0) throw refusal(path, undefined, "there are no judgements; their file is empty");
  const judged = [...queries.byId].flatMap(([id, text]): JudgedQuery[] => {
    const grades = judgements.byQuery.get(id);
    if (!grades) return [];
    if (!candidates) return [{ id, text, grades }];
    // Nobody has their texts: a model could only be paid for reading nothing.
    return [{ id, text, grades, candidates: (candidates.get(id) ?? []).filter((each) => documents.byId.has(each)) }];
  });
  if (judged.length === 0)
    throw refusal(path, undefined, "no judgement names a query of the collection; the ids of both must be the same");
  const unknown = unknownDocuments(judged, documents);
  if (unknown === countOf(judged))
    throw refusal(path, undefined, "no judgement names a document of the collection; the ids of both must be the same");
  if (candidates && !judged.some(({ id }) => candidates.has(id)))
    throw refusal(
      candidatesFile,
      undefined,
      "the run has none of the queries that were judged; the ids of both must be the same",
    );
  if (candidates && judged.every((query) => query.candidates?.length === 0))
    throw refusal(
      candidatesFile,
      undefined,
      "the run has no document of the collection; the ids of both must be the same",
    );
  return { name, documents: documents.byId, queries: judged, warnings: warningsOf(parts, judged, unknown) };
}

function warningsOf(
  { documents, queries, judgements, candidates }: Parts,
  judged: readonly JudgedQuery[],
  unknown: number,
): string[] {
  const isRelevant = (grade: number): boolean => grade > 0;
  const withoutRelevant = judged.filter(({ grades }) => ![...grades.values()].some(isRelevant)).length;
  const withoutCandidates = judged.filter((query) => query.candidates?.length === 0).length;
  const named = judged.reduce((sum, { id }) => sum + (candidates?.get(id)?.length ?? 0), 0);
  const unknownCandidates = named - judged.reduce((sum, query) => sum + (query.candidates?.length ?? 0), 0);
  const warnings: readonly [count: number, sentence: string][] = [
    [queries.byId.size - judged.length, "of the queries have no judgement and are left out"],
    [judgements.byQuery.size - judged.length, "of the queries that were judged have no text and are left out"],
    [unknown, "of the judgements name documents that the collection does not have; nothing can find those"],
    [withoutRelevant, "of the queries have no relevant document and count as 0 in every measure"],
    [withoutCandidates, "of the queries have no candidates and count as 0, as trec_eval -c counts them"],
    [unknownCandidates, "of the candidates are not in the collection and are left out"],
    [documents.empty, "of the documents have no text"],
    [queries.empty, "of the queries have no text"],
    [documents.repeated, "of the documents are there twice and are taken once"],
    [queries.repeated, "of the queries are there twice and are taken once"],
  ];
  return warnings
    .filter(([count]) => count > 0)
    .map(([count, sentence]) => `${count.toLocaleString("en")} ${sentence}`);
}

function unknownDocuments(judged: readonly JudgedQuery[], { byId }: Texts): number {
  let unknown = 0;
  for (const { grades } of judged) for (const id of grades.keys()) if (!byId.has(id)) unknown++;
  return unknown;
}

function countOf(judged: readonly JudgedQuery[]): number {
  return judged.reduce((sum, { grades }) => sum + grades.size, 0);
}
