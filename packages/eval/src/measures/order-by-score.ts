/** A document and its score. */
export interface Scored {
  readonly id: string;
  readonly score: number;
}

/**
 * Ids in the order in which trec_eval takes a run: by score, and equal ones by id, both descending. It reads scores in single
 * precision, so that those which differ less are equal, and it compares the bytes of ids. The order of the input and the
 * ranks in a run file have no influence, so that ties favour nobody.
 */
export function orderByScore(scored: readonly Scored[]): readonly string[] {
  return scored
    .map(({ id, score }) => ({ id, score: Math.fround(score) }))
    .sort((one, other) => other.score - one.score || compareBytes(other.id, one.id))
    .map(({ id }) => id);
}

/** UTF-16 puts characters beyond U+FFFF before some of those below; their UTF-8 has the order of the code points. */
function compareBytes(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const difference = weight(one.charCodeAt(index)) - weight(other.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Halves of surrogate pairs come after everything else. */
function weight(unit: number): number {
  return unit >= 0xd8_00 && unit <= 0xdf_ff ? unit + 0x1_00_00 : unit;
}
