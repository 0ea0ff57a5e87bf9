import type { TypedDocument } from "../../code/request-body.ts";

/** How typed text is read; `auto` looks at how it begins. */
export type DocumentFormat = "auto" | "lines" | "json";

/** What was read, and what the user should know about how. */
export interface ReadDocuments {
  readonly documents: readonly TypedDocument[];
  readonly note?: string;
}

/**
 * Reads documents from the typed text: a JSON list, one JSON object a line, or one text a line.
 * @throws Error with a message for the user, which names the line
 */
export function readDocuments(typed: string, format: DocumentFormat = "auto"): ReadDocuments {
  const text = typed.trim();
  const lines = linesOf(typed);
  if (format === "lines") return asTexts(lines);
  if (format === "json") return { documents: text.startsWith("[") ? readList(text) : readJsonLines(lines) };
  if (text.startsWith("[") && isMeantAsList(text)) return { documents: readList(text) };
  const like = lines.filter((line) => line.text.trimStart().startsWith("{"));
  if (lines.length > 0 && like.length === lines.length) return { documents: readJsonLines(lines) };
  const first = text.startsWith("[") ? lines[0] : like[0];
  return first
    ? { ...asTexts(lines), note: `line ${first.number} begins like JSON; ${everyLineIsText}` }
    : asTexts(lines);
}

/** One JSON text or object a line. @throws Error with a message for the user, which names the line */
export function readJsonLines(lines: readonly Line[]): readonly TypedDocument[] {
  return lines.map(({ text, number }) =>
    asDocument(parseJson(text, `Line ${number} is not valid JSON`), `Line ${number}`),
  );
}

/** A line that is not empty. */
export interface Line {
  readonly text: string;
  /** From 1, empty lines counted. */
  readonly number: number;
}

export function linesOf(text: string): readonly Line[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ text: line, number: index + 1 }))
    .filter((line) => line.text.trim() !== "");
}

/** @throws Error with a message for the user */
export function asDocument(value: unknown, place: string): TypedDocument {
  if (typeof value === "string" || isRecord(value)) return value;
  throw new Error(`${place} must be a text or an object`);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const everyLineIsText = "each line is taken as a text";
const remedy = "choose “One a line” to rank each line as a text";

/** `[1] A footnote.` is a text; `[1, 2` is a list that somebody has not finished. */
function isMeantAsList(text: string): boolean {
  const [firstLine = ""] = text.split("\n", 1);
  return text.endsWith("]") || !firstLine.includes("]");
}

function readList(text: string): readonly TypedDocument[] {
  if (!text.endsWith("]")) throw new Error(`The documents begin like a JSON list, but its “]” is missing; ${remedy}`);
  const list = parseJson(text, `The documents begin like a JSON list but are not valid JSON; ${remedy}`);
  // JSON in brackets is always a list.
  return Array.isArray(list) ? list.map((item, index) => asDocument(item, `Document ${index + 1}`)) : [];
}

/** @throws Error with the line as well, where the browser names it */
export function parseJson(text: string, problem: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const line = /line (\d+)/i.exec(String(error))?.[1];
    throw new Error(line === undefined || !text.includes("\n") ? problem : `${problem} (line ${line})`, {
      cause: error,
    });
  }
}

function asTexts(lines: readonly Line[]): ReadDocuments {
  return { documents: lines.map(({ text }) => text) };
}
