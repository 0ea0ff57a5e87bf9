import type { TypedDocument } from "../../code/request-body.ts";

/** What models read of a document, as `packages/core/src/request/render-record.ts` writes it: all that is judged. */
export function scoredText(document: TypedDocument): string {
  if (typeof document === "string") return document;
  if (typeof document["text"] === "string") return document["text"];
  const fields = Object.entries(document).filter(([, value]) => value !== null);
  const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return fields.length === 1
    ? asText(fields[0]?.[1])
    : fields.map(([name, value]) => `${name}: ${asText(value)}`).join("\n");
}
