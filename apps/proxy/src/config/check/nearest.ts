import leven from "leven";

/** The known word that was probably meant by a mistyped one; undefined if none is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.min(word.length - 1, Math.max(1, Math.floor(word.length / 3)));
  const ranked = known
    .map((candidate) => ({ candidate, distance: leven(word, candidate) }))
    .toSorted((left, right) => left.distance - right.distance);
  return ranked.find(({ distance }) => distance <= most)?.candidate;
}
