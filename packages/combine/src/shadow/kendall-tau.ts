/**
 * Kendall's τ-b of two orders of the same things: 1 where they agree, −1 where one is the other turned round. Things of
 * equal place are neither. Undefined where one of them says nothing: fewer than two things, or all of equal place.
 * @param one the place of each thing, and `other` its place in the other order; the smaller comes first
 */
export function kendallTau(one: readonly number[], other: readonly number[]): number | undefined {
  const things = [...one.keys()].sort((a, b) => at(one, a) - at(one, b) || at(other, a) - at(other, b));
  const pairs = (things.length * (things.length - 1)) / 2;
  const inOther = things.map((thing) => at(other, thing));
  const tiedInOne = countTied(things.map((thing) => at(one, thing)));
  const tiedInBoth = countTied(things.map((thing) => `${at(one, thing)} ${at(other, thing)}`));
  const turned = countTurned(inOther);
  const tiedInOther = countTied(inOther.toSorted((a, b) => a - b));
  const scale = Math.sqrt(pairs - tiedInOne) * Math.sqrt(pairs - tiedInOther);
  if (scale === 0) return undefined;
  const agreed = pairs - tiedInOne - tiedInOther + tiedInBoth - turned;
  return Math.min(1, Math.max(-1, (agreed - turned) / scale));
}

/** Pairs of equal values, which stand side by side. */
function countTied(values: readonly unknown[]): number {
  let pairs = 0;
  let equal = 0;
  for (let index = 1; index < values.length; index++) {
    equal = values[index] === values[index - 1] ? equal + 1 : 0;
    pairs += equal;
  }
  return pairs;
}

/** Pairs of which the greater comes first, counted while the halves are merged. */
function countTurned(values: readonly number[]): number {
  return sorted(values).turned;
}

function sorted(values: readonly number[]): { readonly values: readonly number[]; readonly turned: number } {
  if (values.length < 2) return { values, turned: 0 };
  const middle = values.length >> 1;
  const [left, right] = [sorted(values.slice(0, middle)), sorted(values.slice(middle))];
  const merged: number[] = [];
  let turned = left.turned + right.turned;
  let [first, second] = [0, 0];
  while (first < left.values.length && second < right.values.length)
    if (at(left.values, first) <= at(right.values, second)) merged.push(at(left.values, first++));
    else {
      turned += left.values.length - first;
      merged.push(at(right.values, second++));
    }
  return { values: [...merged, ...left.values.slice(first), ...right.values.slice(second)], turned };
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}
