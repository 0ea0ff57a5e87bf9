import type { RerankDocument } from "./api.ts";
import { DheeraError } from "../errors.ts";

/**
 * The text that is scored for one document. A text is itself. A record is its `rank_fields` in the order they are named; without them its `text`,
 * or else all its fields in the order they were sent. One field alone gives its bare value; several give `name: value` lines.
 * @throws DheeraError `invalid_request` when there is nothing to score.
 */
export function renderDocument(document: RerankDocument, index: number, rankFields?: readonly string[]): string {
  if (typeof document === "string") return document;
  if (!rankFields && typeof document["text"] === "string") return document["text"];

  const fields = (rankFields ?? Object.keys(document)).flatMap((name) => {
    const value = Object.hasOwn(document, name) ? renderValue(document[name]) : undefined;
    return value === undefined ? [] : [{ name, value }];
  });
  const [first] = fields;
  if (!first) throw nothingToScore(index, rankFields);
  return fields.length === 1 ? first.value : fields.map(({ name, value }) => `${name}: ${value}`).join("\n");
}

/** Undefined for null, and for what JSON cannot say: functions, circular records. */
function renderValue(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value === null) return undefined;
  if (typeof value === "bigint") return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function nothingToScore(index: number, rankFields?: readonly string[]): DheeraError {
  const param = `documents[${index}]`;
  const remedy = rankFields
    ? "has none of the fields named in rank_fields"
    : "has no field that could be scored; give it a text field";
  return new DheeraError("invalid_request", `${param}: ${remedy}`, { param });
}
