import leven from "leven";

/** The known word that was probably meant by a mistyped one; undefined if none is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return nearestWithin(word, known, Math.min(word.length - 1, Math.max(1, Math.floor(word.length / 3))));
}

/**
 * The known word that was meant almost surely: two letters are wrong at most, in a word of less than six letters one.
 */
export function nearMiss(word: string, known: readonly string[]): string | undefined {
  return nearestWithin(word, known, word.length < 6 ? 1 : 2);
}

function nearestWithin(word: string, known: readonly string[], most: number): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .toSorted((left, right) => left.distance - right.distance);
  return ranked.find(({ distance }) => distance <= most)?.candidate;
}

/** Two neighbours that changed places are one mistake: `rmp` for `rpm`. */
function distanceOf(word: string, candidate: string): number {
  return isSwapped(word, candidate) ? 1 : leven(word, candidate);
}

function isSwapped(word: string, candidate: string): boolean {
  if (word.length !== candidate.length) return false;
  const at = [...word].findIndex((letter, index) => letter !== candidate[index]);
  return (
    at >= 0 &&
    word[at] === candidate[at + 1] &&
    word[at + 1] === candidate[at] &&
    word.slice(at + 2) === candidate.slice(at + 2)
  );
}
