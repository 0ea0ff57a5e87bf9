import type { Limits } from "../contract.ts";

export const limitNames = [
  "documentsPerCall",
  "bytesPerCall",
  "tokensPerDocument",
  "tokensPerCall",
  "charactersPerDocument",
  "documentsInFlight",
  "documentsPerRequest",
] as const satisfies readonly (keyof Limits)[];

/** The smaller of each limit. */
export function narrower(a: Limits, b: Limits): Limits {
  const limits: { -readonly [Name in keyof Limits]: Limits[Name] } = { ...a };
  for (const name of limitNames) {
    const limit = b[name];
    if (limit !== undefined) limits[name] = Math.min(limit, a[name] ?? limit);
  }
  return limits;
}

/** Whether everything that respects the limits `b` respects `a` as well. */
export function isAsWide(a: Limits, b: Limits): boolean {
  return limitNames.every((name) => (a[name] ?? Infinity) >= (b[name] ?? Infinity));
}
