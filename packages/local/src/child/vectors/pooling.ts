import type { BiEncoder } from "../../model/description.ts";

/** A vector of a text from those of its tokens, which follow one another in `values`. Nothing is padded, so all count. */
export function pool(
  pooling: Exclude<BiEncoder["pooling"], "in-the-file">,
  values: ArrayLike<number>,
  dimensions: number,
): Float64Array {
  const tokens = values.length / dimensions;
  if (pooling === "cls") return tokenAt(values, 0, dimensions);
  if (pooling === "last-token") return tokenAt(values, tokens - 1, dimensions);
  const pooled = tokenAt(values, 0, dimensions);
  for (let token = 1; token < tokens; token += 1) {
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      const value = values[token * dimensions + dimension] ?? 0;
      const before = pooled[dimension] ?? 0;
      pooled[dimension] = pooling === "mean" ? before + value : Math.max(before, value);
    }
  }
  // Its direction is that of the mean, and only directions are compared.
  return pooled;
}

/** The cosine of two vectors; not a number where one of them has no direction. */
export function cosine(left: Float64Array, right: Float64Array): number {
  let product = 0;
  let leftSquare = 0;
  let rightSquare = 0;
  for (let index = 0; index < left.length; index += 1) {
    const a = left[index] ?? Number.NaN;
    const b = right[index] ?? Number.NaN;
    product += a * b;
    leftSquare += a * a;
    rightSquare += b * b;
  }
  // Rounding may carry equal vectors over 1.
  return Math.max(-1, Math.min(1, product / Math.sqrt(leftSquare * rightSquare)));
}

function tokenAt(values: ArrayLike<number>, token: number, dimensions: number): Float64Array {
  return Float64Array.from(
    { length: dimensions },
    (_, dimension) => values[token * dimensions + dimension] ?? Number.NaN,
  );
}
