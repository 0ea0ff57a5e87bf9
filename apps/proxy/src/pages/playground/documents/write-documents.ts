import type { TypedDocument } from "../../code/request-body.ts";
import { readDocuments } from "./read-documents.ts";

/** The text that `readDocuments` reads as these documents: a line each where that is possible. */
export function writeDocuments(documents: readonly TypedDocument[]): string {
  if (documents.length > 0 && documents.every((document) => typeof document !== "string"))
    return documents.map((document) => JSON.stringify(document)).join("\n");
  const lines = documents.filter((document) => typeof document === "string").join("\n");
  if (isReadAs(lines, documents)) return lines;
  return `[\n${documents.map((document) => JSON.stringify(document)).join(",\n")}\n]`;
}

function isReadAs(text: string, documents: readonly TypedDocument[]): boolean {
  try {
    const read = readDocuments(text).documents;
    return read.length === documents.length && read.every((document, index) => document === documents[index]);
  } catch {
    return false;
  }
}
