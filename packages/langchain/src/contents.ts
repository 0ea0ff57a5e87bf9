import type { DocumentInterface } from "@langchain/core/documents";

/** A text, a document of LangChain, or a record: one with `pageContent` is ranked by that, any other by its fields. */
export type RankableDocument = string | DocumentInterface | Readonly<Record<string, unknown>>;

/**
 * What is scored of each document, and nothing else, because other metadata may hold secrets and need not be JSON: the
 * content, or where `rankFields` are named a record of those fields of the metadata, with the content as `text`.
 */
export function contentsOf(
  documents: readonly RankableDocument[],
  rankFields: readonly string[] | null | undefined,
): readonly (string | Readonly<Record<string, unknown>>)[] {
  return documents.map((document) => (isDocument(document) ? contentOf(document, rankFields ?? undefined) : document));
}

interface Content {
  readonly pageContent: string;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** Core refuses what is neither a text nor a record, and a content that is no text, with its position. */
function isDocument(document: RankableDocument): document is DocumentInterface {
  return typeof document === "object" && document !== null && "pageContent" in document;
}

function contentOf(
  { pageContent, metadata = {} }: Content,
  rankFields: readonly string[] | undefined,
): string | Readonly<Record<string, unknown>> {
  if (rankFields === undefined) return pageContent;
  const named = rankFields.filter((name) => Object.hasOwn(metadata, name));
  return { ...Object.fromEntries(named.map((name) => [name, metadata[name]])), text: pageContent };
}
