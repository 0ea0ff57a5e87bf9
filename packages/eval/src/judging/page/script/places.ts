import type { JudgingState } from "../../server/exchange.ts";

/** One pair of the task. */
export interface Place {
  readonly query: string;
  readonly document: string;
}

/** Every pair in the order in which they are judged. */
function placesOf({ queries }: JudgingState): readonly (Place & { readonly isOpen: boolean })[] {
  return queries.flatMap(({ id, documents }) =>
    documents.map(({ id: document, verdict }) => ({ query: id, document, isOpen: verdict === null })),
  );
}

export function firstOpen(state: JudgingState): Place | undefined {
  return placesOf(state).find(({ isOpen }) => isOpen);
}

/** The next pair that nobody has judged, after this one; from the beginning again where there is none. */
export function nextOpen(state: JudgingState, { query, document }: Place): Place | undefined {
  const places = placesOf(state);
  const at = places.findIndex((one) => one.query === query && one.document === document);
  return places.slice(at + 1).find(({ isOpen }) => isOpen) ?? firstOpen(state);
}

/** The pair before or after this one, judged or not; undefined beyond the ends. */
export function stepFrom(state: JudgingState, { query, document }: Place, by: number): Place | undefined {
  const places = placesOf(state);
  return places[places.findIndex((one) => one.query === query && one.document === document) + by];
}

export function lastPlace(state: JudgingState): Place | undefined {
  return placesOf(state).at(-1);
}

/** Where to go on with one query: what is open, or its first document. */
export function placeIn(state: JudgingState, query: string): Place | undefined {
  const places = placesOf(state).filter((one) => one.query === query);
  return places.find(({ isOpen }) => isOpen) ?? places[0];
}
