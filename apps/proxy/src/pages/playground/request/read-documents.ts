/** A document of a request. */
export type TypedDocument = string | Readonly<Record<string, unknown>>;

/**
 * Reads documents from the typed text: a JSON list, one JSON object a line, or one text a line.
 * @throws Error with a message for the user
 */
export function readDocuments(typed: string): readonly TypedDocument[] {
  const text = typed.trim();
  if (text.startsWith("[") && text.endsWith("]")) return readList(text);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.length > 0 && lines.every((line) => line.trim().startsWith("{")) ? readJsonLines(lines) : lines;
}

function readList(text: string): readonly TypedDocument[] {
  const list = parseJson(text, "The documents begin like a JSON list but are not valid JSON");
  // JSON in brackets is always a list.
  return Array.isArray(list) ? list.map((item, index) => asDocument(item, `Document ${index + 1}`)) : [];
}

function readJsonLines(lines: readonly string[]): readonly TypedDocument[] {
  return lines.map((line, index) =>
    asDocument(
      parseJson(line, `Line ${index + 1} begins like a JSON object but is not valid JSON`),
      `Line ${index + 1}`,
    ),
  );
}

function parseJson(text: string, problem: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(problem, { cause: error });
  }
}

function asDocument(value: unknown, place: string): TypedDocument {
  if (typeof value === "string" || isRecord(value)) return value;
  throw new Error(`${place} must be a text or an object`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
