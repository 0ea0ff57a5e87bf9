import { closestMatch } from "leven";

/** Returns `; did you mean --port?` for a typing error, and nothing when no candidate is close. */
export function didYouMean(given: string, candidates: readonly string[], prefix = ""): string {
  // Two, because swapping neighbouring letters counts as two changes.
  const maxDistance = Math.max(2, Math.floor(given.length / 3));
  const match = closestMatch(given, [...candidates], { maxDistance });
  return match === undefined ? "" : `; did you mean ${prefix}${match}?`;
}
