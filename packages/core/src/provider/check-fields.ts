import type { ScoreKind } from "../contract.ts";

/** Something whose fields nobody has looked at. */
export type Unchecked<T> = { readonly [Field in keyof T]: unknown };

/** For messages. */
export const scoreKindsInWords = "probability, logit, cosine, rank or unknown";

export function isScoreKind(value: unknown): value is ScoreKind {
  return value === "probability" || value === "logit" || value === "cosine" || value === "rank" || value === "unknown";
}

export function isUnchecked<T>(value: unknown): value is Unchecked<T> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first thing of a list of texts that is none: the list itself, or an item of it. */
export function findNoText(list: unknown): { readonly at: string; readonly value: unknown } | undefined {
  if (!Array.isArray(list)) return { at: "", value: list };
  const position = list.findIndex((item) => typeof item !== "string");
  return position === -1 ? undefined : { at: `[${position}]`, value: list[position] };
}
