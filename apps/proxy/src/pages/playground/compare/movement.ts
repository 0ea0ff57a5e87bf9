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

/** In comparison with the order in which the documents were sent. */
export function movementFromInput(index: number, rank: number): Movement {
  const arrow = index > rank ? "↑ " : index < rank ? "↓ " : "";
  return { short: `${arrow}was ${index + 1}`, long: `document ${index + 1}` };
}

/** The rank of each document, from 0. */
export function rankOf(ranking: readonly number[]): ReadonlyMap<number, number> {
  return new Map(ranking.map((index, rank) => [index, rank]));
}
