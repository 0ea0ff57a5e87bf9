import { refusal } from "./refusal.ts";

/** A line of a JSONL file. */
export interface JsonRecord {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly file: string;
  readonly line: number;
}

/** @throws DheeraError `invalid_request` where it is no JSON object. */
export function parseRecord(text: string, file: string, line: number): JsonRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The reason that the engine gives quotes the text.
    throw refusal(file, line, 'the line is not valid JSON; write one object a line: {"_id": "…", "text": "…"}');
  }
  if (!isObject(value)) throw refusal(file, line, 'the line must hold one JSON object: {"_id": "…", "text": "…"}');
  return { fields: value, file, line };
}

/**
 * The first of these fields that is there.
 * @throws DheeraError `invalid_request` where it is neither a text nor a number.
 */
export function idIn({ fields, file, line }: JsonRecord, names: readonly string[]): string | undefined {
  const name = names.find((known) => fields[known] !== undefined && fields[known] !== null);
  if (name === undefined) return undefined;
  const id = asId(fields[name]);
  if (id === undefined) throw refusal(file, line, `"${name}" must be a text that is not empty, or a whole number`);
  return id;
}

/**
 * The first of these fields that is there and not null.
 * @throws DheeraError `invalid_request` where it is no text.
 */
export function textIn({ fields, file, line }: JsonRecord, names: readonly string[]): string | undefined {
  const name = names.find((known) => fields[known] !== undefined && fields[known] !== null);
  if (name === undefined) return undefined;
  const text = fields[name];
  if (typeof text !== "string") throw refusal(file, line, `"${name}" must be a text`);
  return text;
}

/** An id as files have it; undefined for what is none. */
export function asId(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
