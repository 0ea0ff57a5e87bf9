/** Where a document stands in one ranking in comparison with another. */
export interface Movement {
  /** `+3`, `−1`, `=` or `new`. */
  readonly short: string;
  /** The same for a screen reader. */
  readonly long: string;
}

/**
 * @param rank from 0
 * @param before the other ranking's rank; undefined where it has not the document
 * @param other what the other ranking is called
 */
export function movementOf(rank: number, before: number | undefined, other: string): Movement {
  if (before === undefined) return { short: "new", long: `not in the ranking of ${other}` };
  const places = Math.abs(before - rank);
  if (places === 0) return { short: "=", long: `the same rank as with ${other}` };
  const unit = places === 1 ? "place" : "places";
  return before > rank
    ? { short: `+${places}`, long: `${places} ${unit} higher than with ${other}` }
    : { short: `−${places}`, long: `${places} ${unit} lower than with ${other}` };
}

const top = 10;

/** What two rankings have in common, in a sentence. Rankings are indices of documents, best first. */
export function compareRankings(one: readonly number[], other: readonly number[]): string {
  const count = Math.min(top, Math.max(one.length, other.length));
  const first = new Set(one.slice(0, count));
  const shared = other.slice(0, count).filter((index) => first.has(index)).length;
  const ranks = rankOf(one);
  const moved = other.filter((index, rank) => ranks.get(index) !== rank).length;
  const best = one[0] === other[0] ? "both put the same document first" : "they put different documents first";
  if (moved === 0 && one.length === other.length) return "Both rank the documents alike.";
  if (shared === count) return `${best[0]?.toUpperCase()}${best.slice(1)}.`;
  return `${shared} of the first ${count} are the same, and ${best}.`;
}

/** The rank of each document, from 0. */
export function rankOf(ranking: readonly number[]): ReadonlyMap<number, number> {
  return new Map(ranking.map((index, rank) => [index, rank]));
}
