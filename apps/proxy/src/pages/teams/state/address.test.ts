import fc from "fast-check";
import { expect, it } from "vitest";

import { readAddress, sectionNames, writeAddress } from "./address.ts";

it("reads what it has written, whatever an id or a search is made of", () => {
  const words = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(
    fc.property(
      fc.constantFrom(...sectionNames),
      fc.option(words, { nil: undefined }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), words),
      (section, id, choices) => {
        const address = { section, choices, ...(id !== undefined && { id }) };
        expect(readAddress(writeAddress(address))).toEqual(address);
      },
    ),
  );
});

it.each(["", "#", "#/", "#/nowhere/x", "#/__proto__", "#/constructor?page=2"])(
  "shows the overview for %j",
  (fragment) => {
    const { section, id } = readAddress(fragment);
    expect([section, id]).toEqual(["overview", undefined]);
  },
);

it("takes an id as it is where it is not well encoded", () => {
  expect(readAddress("#/teams/100%").id).toBe("100%");
});
