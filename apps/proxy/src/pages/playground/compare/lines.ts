/** Where a document stands in one ranking, seen from a page of it: a row of the page, or why there is none. */
export type Place = { readonly row: number } | "above" | "below" | "absent";

/** What joins a document in one ranking to the same document in the ranking beside it. */
export interface Line {
  /** Index of the document in the request. */
  readonly document: number;
  readonly from: Place;
  readonly to: Place;
}

/** A ranking both ways: indices of documents, best first, and the rank of each, from 0. */
export interface Ranking {
  readonly order: readonly number[];
  readonly ranks: ReadonlyMap<number, number>;
}

/**
 * The lines between two rankings of which the same ranks are shown: one for each document that either page has.
 * @param first the rank that the page begins with, from 0
 * @param size ranks on a page
 */
export function linesBetween(
  left: Ranking,
  right: Ranking,
  { first, size }: { readonly first: number; readonly size: number },
): readonly Line[] {
  const placeOf = (document: number, rankings: ReadonlyMap<number, number>): Place => {
    const rank = rankings.get(document);
    if (rank === undefined) return "absent";
    if (rank < first) return "above";
    return rank < first + size ? { row: rank - first } : "below";
  };
  const shown = new Set([left, right].flatMap(({ order }) => order.slice(first, first + size)));
  return [...shown].map((document) => ({
    document,
    from: placeOf(document, left.ranks),
    to: placeOf(document, right.ranks),
  }));
}

/** Heights of rows, from the top of the picture, and how wide it is; pixels. */
export interface Rows {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly width: number;
}

/** How far a line leads that ends outside of the page; pixels. */
const stub = 14;

/** The line as the `d` of an SVG path: a curve between two rows, or its beginning where the other row is not shown. */
export function pathOf({ from, to }: Line, { left, right, width }: Rows): string {
  const start = heightOf(from, left);
  const end = heightOf(to, right);
  if (start !== undefined && end !== undefined)
    return `M0 ${start}C${width / 2} ${start} ${width / 2} ${end} ${width} ${end}`;
  if (start !== undefined) return stubOf(0, start, width / 3, to);
  if (end !== undefined) return stubOf(width, end, -width / 3, from);
  return "";
}

/** Up or down to where the document is, and straight where it is nowhere. */
function stubOf(x: number, y: number, reach: number, place: Place): string {
  const rise = place === "above" ? -stub : place === "below" ? stub : 0;
  return `M${x} ${y}q${reach} 0 ${reach} ${rise}`;
}

function heightOf(place: Place, heights: readonly number[]): number | undefined {
  return typeof place === "string" ? undefined : heights[place.row];
}

/** Whether a document rises from left to right; undefined where it keeps its rank or is not in both. */
export function directionOf({ from, to }: Line): "up" | "down" | undefined {
  if (from === "absent" || to === "absent") return undefined;
  const [start, end] = [depthOf(from), depthOf(to)];
  return start === end ? undefined : end < start ? "up" : "down";
}

function depthOf(place: Exclude<Place, "absent">): number {
  if (typeof place !== "string") return place.row;
  return place === "above" ? -1 : Infinity;
}
