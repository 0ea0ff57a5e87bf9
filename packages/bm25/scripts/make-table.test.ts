import { describe, expect, test } from "vitest";

import { readTable } from "../src/background/background.ts";
import { makeTable } from "./make-table.ts";
import { sources } from "./sources.ts";

const header = ["# A comment", "#DOC_COUNT\t1000", "#TOKEN\tDOCFREQ\tTERMFREQ", "___url___"];
const words = ["the\t700\t1500", "flows\t60\t66", "water\t50\t70", "flow\t40\t44", "slipstream\t0\t0"];

describe("a table from a list of words", () => {
  test("has the stems of the words that are not rare, forms of one word together", async () => {
    const table = await makeTable("english", [...header, ...words].join("\n"));
    expect(table.terms).toBe(2);
    const { rarityOf } = readTable(table);
    // 100 of 1,000 sentences, three sentences a text: 27 % of texts; and 50: 14 %.
    expect(rarityOf("flow")).toBe(1.5);
    expect(rarityOf("water")).toBe(2);
    expect(rarityOf("slipstream")).toBeGreaterThan(8);
  });

  test("is the same each time, whatever the order of the list", async () => {
    const one = await makeTable("english", [...header, ...words].join("\n"));
    const other = await makeTable("english", [...header, ...words.toReversed()].join("\n"));
    expect(other).toEqual(one);
    expect(one).toEqual({ terms: 2, entries: expect.stringMatching(/^[\w+/]+$/) });
  });

  test("is refused where the list does not say how many sentences there are", async () => {
    await expect(makeTable("english", words.join("\n"))).rejects.toThrow("#DOC_COUNT");
  });

  test("is made for the languages that have a list", () => {
    const without = Object.entries(sources).flatMap(([language, source]) => (source === undefined ? [language] : []));
    expect(without.toSorted()).toEqual(["mandarin", "none", "sanskrit", "tamil"]);
  });
});
