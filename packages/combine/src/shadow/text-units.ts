/** UTF-16 units of all texts in a value, counted no further than `most` and no deeper than anybody nests a document. */
export function textUnits(value: unknown, most: number, depth: number = 0): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null || depth > deepest) return 0;
  let units = 0;
  for (const inner of Object.values(value)) {
    units += textUnits(inner, most - units, depth + 1);
    if (units > most) break;
  }
  return units;
}

const deepest = 64;
