import type { JsonDocument } from "@dheera-ai/core";
import type { CorpusDocument } from "@dheera-ai/eval";

import { UsageError } from "../errors.ts";

/** BM25 keeps all of them in memory. */
const mostDocuments = 200_000;

/** Collects documents under ids that are theirs alone. */
export class CorpusBuilder {
  readonly #documents = new Map<string, CorpusDocument>();
  readonly #idsByText = new Map<string, string>();
  #numbered = 0;

  constructor(documents: readonly CorpusDocument[] = []) {
    for (const document of documents) this.#keep(document);
  }

  get documents(): readonly CorpusDocument[] {
    return [...this.#documents.values()];
  }

  /**
   * Under the id that a record has (`_id` or `id`), or else a number of its own.
   * @param where for errors; never a text of the document
   * @throws UsageError where an id has two texts, or there are too many documents
   */
  add(document: JsonDocument, where: string, name?: string): void {
    const title = typeof document === "object" && typeof document["title"] === "string" ? document["title"] : undefined;
    const text = textOf(document);
    const id = idOf(document, where) ?? name ?? this.#newId();
    const known = this.#documents.get(id);
    if (known !== undefined && known.text !== text)
      throw new UsageError(`${where} has the id of another document; give each its own "_id"`);
    this.#keep({ id, text, ...(title !== undefined && { title }) });
  }

  /** The id of a document that a logged request brought, which is the same where its text is. */
  idOfLogged(document: JsonDocument): string {
    const text = textOf(document);
    const known = this.#idsByText.get(text);
    if (known !== undefined) return known;
    const id = this.#newId();
    this.#keep({ id, text });
    return id;
  }

  #keep(document: CorpusDocument): void {
    this.#documents.set(document.id, document);
    if (!this.#idsByText.has(document.text)) this.#idsByText.set(document.text, document.id);
    if (this.#documents.size > mostDocuments)
      throw new UsageError(
        `there are more than ${mostDocuments.toLocaleString("en")} documents; give a part of them that holds what queries ask for`,
      );
  }

  #newId(): string {
    let id;
    do id = `d${++this.#numbered}`;
    while (this.#documents.has(id));
    return id;
  }
}

/**
 * The id of a record, if it has one.
 * @throws UsageError for one that a line of qrels cannot hold
 */
export function idOf(record: JsonDocument, where: string): string | undefined {
  if (typeof record === "string") return undefined;
  const given = record["_id"] ?? record["id"];
  if (given === undefined || given === null || given === "") return undefined;
  const id = typeof given === "number" ? String(given) : given;
  if (typeof id !== "string" || /\s/.test(id))
    throw new UsageError(`${where} has an id that is no text or has spaces; qrels need one without`);
  return id;
}

/** What is read and scored: `text`, or else all fields but the id. */
export function textOf(document: JsonDocument): string {
  if (typeof document === "string") return document;
  if (typeof document["text"] === "string") return document["text"];
  const fields = Object.entries(document).filter(
    ([name, value]) => name !== "_id" && name !== "id" && value !== null && value !== undefined,
  );
  const written = fields.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  return written.length === 1 ? (written[0]?.[1] ?? "") : written.map((field) => field.join(": ")).join("\n");
}
