/** Longer bodies are HTML or quote documents; what a server has to say comes first. */
const longest = 2_000;
const names = ["error", "message", "detail", "msg"] as const;

/**
 * What an error body says, for recognising it. Shapes seen: `{ error }` as text, list or `{ message }`, `{ message }`, `{ detail }` as text or as
 * a list of `{ msg }`, plain text, HTML. Never shown to anybody: it may quote documents.
 */
export function refusalText(body: unknown, depth: number = 3): string {
  if (typeof body === "string") return body.slice(0, longest);
  if (depth === 0 || typeof body !== "object" || body === null) return "";
  const parts: readonly unknown[] = Array.isArray(body)
    ? body.slice(0, 5)
    : names.map((name) => Object.entries(body).find(([key]) => key === name)?.[1]);
  return parts
    .map((part) => refusalText(part, depth - 1))
    .filter((text) => text !== "")
    .join("; ");
}
