/**
 * Kendall's τ-b of two lists of values for the same things: 1 where they order them alike, −1 where the other way round;
 * equal values are neither. Undefined where one of them has nothing but equal values, or fewer than two.
 * @throws RangeError where one has more values than the other
 */
export function kendallTau(one: readonly number[], other: readonly number[]): number | undefined {
  if (one.length !== other.length) throw new RangeError(`${one.length} values cannot be compared with ${other.length}`);
  const pairs = one
    .map((first, index) => ({ first, second: other[index] ?? 0 }))
    .sort((left, right) => left.first - right.first || left.second - right.second);
  const all = pairsAmong(pairs.length);
  const equalFirst = pairsOfEqual(pairs, (left, right) => left.first === right.first);
  const equalBoth = pairsOfEqual(pairs, (left, right) => left.first === right.first && left.second === right.second);
  const seconds = pairs.map(({ second }) => second);
  // Counted as Knight (1966) does: a merge sort meets every pair that is the other way round.
  const discordant = sortAndCount(seconds);
  const equalSecond = pairsOfEqual(seconds, (left, right) => left === right);
  const comparable = Math.sqrt(all - equalFirst) * Math.sqrt(all - equalSecond);
  if (comparable === 0) return undefined;
  const concordant = all - equalFirst - equalSecond + equalBoth - discordant;
  return Math.max(-1, Math.min(1, (concordant - discordant) / comparable));
}

function pairsAmong(count: number): number {
  return (count * (count - 1)) / 2;
}

/** Of values that are in order. */
function pairsOfEqual<Value>(sorted: readonly Value[], areEqual: (left: Value, right: Value) => boolean): number {
  let pairs = 0;
  let run = 0;
  for (let index = 1; index < sorted.length; index++) {
    const [left, right] = sorted.slice(index - 1, index + 1);
    run = left !== undefined && right !== undefined && areEqual(left, right) ? run + 1 : 0;
    pairs += run;
  }
  return pairs;
}

/** Sorts in place, and returns how many pairs were in the wrong order. */
function sortAndCount(values: number[]): number {
  let swapped = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start + width < values.length; start += 2 * width) {
      const left = values.slice(start, start + width);
      const right = values.slice(start + width, start + 2 * width);
      let leftAt = 0;
      let rightAt = 0;
      for (let place = start; leftAt < left.length || rightAt < right.length; place++) {
        const [low, high] = [left[leftAt] ?? Infinity, right[rightAt] ?? Infinity];
        const takesLeft = rightAt === right.length || (leftAt < left.length && low <= high);
        values[place] = takesLeft ? low : high;
        if (takesLeft) leftAt++;
        else {
          rightAt++;
          swapped += left.length - leftAt;
        }
      }
    }
  }
  return swapped;
}
