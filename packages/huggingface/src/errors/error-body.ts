import { isRecord } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

/** Longer bodies are HTML or quote documents; the server's own words come first. */
const longest = 2_000;
const names = ["error", "message", "detail", "msg"] as const;

/**
 * The text of an error body, which the rules are matched against. Formats seen: `{ error }` as text, list or
 * `{ message }`, `{ message }`, `{ detail }` as text or as a list of `{ msg }`, plain text, HTML. It is never shown,
 * because it may quote documents.
 */
export function textOf(body: unknown, depth: number = 3): string {
  if (typeof body === "string") return body.slice(0, longest);
  if (depth === 0 || !isRecord(body)) return "";
  const parts: readonly unknown[] = Array.isArray(body) ? body.slice(0, 5) : names.map((name) => body[name]);
  return parts
    .map((part) => textOf(part, depth - 1))
    .filter((text) => text !== "")
    .join("; ");
}

const typed = v.object({ error_type: v.string() });

/** `error_type` of Text Embeddings Inference, in lower case: its source and its documentation differ. */
export function errorTypeOf(body: unknown): string | undefined {
  const parsed = v.safeParse(typed, body);
  return parsed.success ? parsed.output.error_type.toLowerCase() : undefined;
}

const estimated = v.object({ estimated_time: v.pipe(v.number(), v.minValue(0)) });

/** Seconds until a model is loaded, as the serverless API estimates. */
export function estimateOf(body: unknown): number | undefined {
  const parsed = v.safeParse(estimated, body);
  return parsed.success ? parsed.output.estimated_time : undefined;
}
