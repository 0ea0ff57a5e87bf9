/** Tokens of query and document that are read, special tokens not counted. */
export interface Shares {
  readonly query: number;
  readonly document: number;
}

/**
 * How much of a pair is read where both do not fit: less of the document; where the query alone leaves no place for a
 * token of it, less of what is longer, as in `longest_first` of Hugging Face's tokenizers, which decides who gets the
 * odd token by who is longer.
 * @param room Tokens that query and document may have together, at least 1.
 */
export function shareRoom(query: number, document: number, room: number): Shares {
  if (query + document <= room) return { query, document };
  if (query < room) return { query, document: room - query };
  const isQueryLonger = query > document;
  const shorter = Math.min(query, document);
  const longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
  const half = Math.floor(room / 2);
  const [less, more] = shorter + longer > room ? [half, half + (room % 2)] : [shorter, longer];
  return isQueryLonger ? { query: more, document: less } : { query: less, document: more };
}

/** What stays of a text where so many of its tokens count. */
export function cut(ids: readonly number[], most: number, direction: "left" | "right"): readonly number[] {
  if (ids.length <= most) return ids;
  return direction === "right" ? ids.slice(0, most) : ids.slice(ids.length - most);
}
