import { expect, it } from "vitest";

import { halfToNumber } from "./tensors.ts";

it("numbers of 16 bits are read as IEEE 754 says", () => {
  const known = [
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65_504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ] as const;
  expect(known.map(([bits]) => halfToNumber(bits))).toEqual(known.map(([, number]) => number));
});
