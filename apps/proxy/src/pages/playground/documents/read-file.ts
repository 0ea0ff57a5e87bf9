import type { TypedDocument } from "../../code/request-body.ts";
import { type PageState, readPageState } from "../state/page-state.ts";
import { decodeText } from "./decode-text.ts";
import { asDocument, linesOf, parseJson, readDocuments, readJsonLines } from "./read-documents.ts";

/** What a file brings: documents, a table of which the user chooses a column, or a form that was saved. */
export type FileContent =
  | { readonly kind: "documents"; readonly documents: readonly TypedDocument[] }
  | { readonly kind: "table"; readonly text: string }
  | { readonly kind: "state"; readonly state: PageState };

/** Beyond it a form in a browser becomes slow, and the proxy's own limit is near. */
export const mostFileBytes = 16_000_000;

/**
 * Reads a file by the end of its name: `.csv`, `.tsv`, `.json`, `.jsonl`, `.ndjson`; any other is read as typed text is.
 * @throws Error with a message for the user, which names the line
 */
export function readFile(name: string, bytes: Uint8Array): FileContent {
  const text = decodeText(bytes);
  if (text.trim() === "") throw new Error("The file is empty");
  switch (name.slice(name.lastIndexOf(".") + 1).toLowerCase()) {
    case "csv":
    case "tsv":
      return { kind: "table", text };
    case "jsonl":
    case "ndjson":
      return { kind: "documents", documents: readJsonLines(linesOf(text)) };
    case "json":
      return readJson(text);
    default:
      return { kind: "documents", documents: readDocuments(text).documents };
  }
}

function readJson(text: string): FileContent {
  const value = parseJson(text, "The file is not valid JSON");
  if (Array.isArray(value))
    return { kind: "documents", documents: value.map((item, index) => asDocument(item, `Document ${index + 1}`)) };
  const state = readPageState(value);
  if (state) return { kind: "state", state };
  throw new Error("The file must hold a JSON list of texts or objects");
}
