import type { RerankDocument } from "./api.ts";
import { DheeraError } from "./errors.ts";

/**
 * The text that is scored for one document. A text is itself. A record is its `rank_fields` in the order they are named; without them its `text`,
 * or else all its fields in the order they were sent. One field alone gives its bare value; several give `name: value` lines.
 * @throws DheeraError `invalid_request` when there is nothing to score.
 */
export function renderDocument(document: RerankDocument, index: number, rankFields?: readonly string[]): string {
  if (typeof document === "string") return document;
  if (!rankFields && typeof document["text"] === "string") return document["text"];

  const names = (rankFields ?? Object.keys(document)).filter((name) => Object.hasOwn(document, name) && document[name] !== null);
  if (names.length === 0) throw nothingToScore(index, rankFields);
  const [only] = names;
  if (names.length === 1 && only !== undefined) return renderValue(document[only]);
  return names.map((name) => `${name}: ${renderValue(document[name])}`).join("\n");
}

function renderValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function nothingToScore(index: number, rankFields?: readonly string[]): DheeraError {
  const param = `documents[${index}]`;
  const remedy = rankFields ? "has none of the fields named in rank_fields" : "has no field that could be scored; give it a text field";
  return new DheeraError("invalid_request", `${param}: ${remedy}`, { param });
}
