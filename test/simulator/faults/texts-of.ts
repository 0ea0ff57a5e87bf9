/** The texts a scoring request wants scored; none where the body is something else. */
export function textsOf(body: Buffer): readonly string[] {
  try {
    return findTexts(JSON.parse(body.toString("utf8")));
  } catch {
    return [];
  }
}

function findTexts(value: unknown): readonly string[] {
  if (!isRecord(value)) return [];
  if (isRecord(value["inputs"])) return findTexts(value["inputs"]);
  const list = value["texts"] ?? value["sentences"];
  return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
