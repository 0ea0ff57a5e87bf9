import { hash } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ScoreTable } from "./score-table.ts";

const noon = Date.UTC(2026, 10, 23, 12);
const second = 1000;
const slotsOfOneSet = 16;

describe("ScoreTable", () => {
  it("has no score for a digest that was not stored", () => {
    expect(new ScoreTable(4096).get(digestOf("a"), noon)).toBeNaN();
  });

  it("returns every score to the last bit, wherever in its set it has moved to", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.double({ noNaN: true }), { minLength: 1, maxLength: slotsOfOneSet }), (scores) => {
        const table = new ScoreTable(512);
        for (const score of scores)
          table.set(digestOf(String(Object.is(score, -0) ? "-0" : score)), entry({ score }), noon);
        for (const score of scores)
          expect(table.get(digestOf(String(Object.is(score, -0) ? "-0" : score)), noon)).toBe(score);
      }),
    );
  });

  it("replaces the score of a digest that it holds", () => {
    const table = new ScoreTable(4096);
    table.set(digestOf("a"), entry({ score: 1 }), noon);
    table.set(digestOf("a"), entry({ score: 2 }), noon);
    expect(table.get(digestOf("a"), noon)).toBe(2);
    expect(table.entries).toBe(1);
  });

  it("distinguishes digests that differ in a single byte", () => {
    const digest = digestOf("a");
    for (let at = 0; at < 20; at++) {
      const table = new ScoreTable(512);
      table.set(digest, entry({ score: 1 }), noon);
      const other = digest.slice(0, at) + String.fromCharCode(digest.charCodeAt(at) ^ 1) + digest.slice(at + 1);
      // With one set, the bytes that choose the set decide nothing.
      if (at < 16) expect(table.get(other, noon)).toBeNaN();
      else expect(table.get(other, noon)).toBe(1);
    }
  });

  it("never returns a score after it expired, and drops it at most a quarter of a second early", () => {
    fc.assert(
      fc.property(
        fc.nat(10 * second),
        fc.integer({ min: 1, max: 10 * second }),
        fc.nat(20 * second),
        (start, life, wait) => {
          const table = new ScoreTable(512);
          const created = noon + start;
          table.set(digestOf("a"), { score: 1, created, expires: created + life }, created);
          const known = table.get(digestOf("a"), created + wait) === 1;
          if (wait >= life) expect(known).toBe(false);
          if (wait + 250 < life) expect(known).toBe(true);
        },
      ),
    );
  });

  it("never counts a score as younger than it is, nor as more than half a second older", () => {
    fc.assert(
      fc.property(fc.nat(10 * second), fc.nat(20 * second), (created, notBefore) => {
        const table = new ScoreTable(512);
        table.set(digestOf("a"), { score: 1, created: noon + created, expires: noon + 3600 * second }, noon);
        const known = table.get(digestOf("a"), noon, noon + notBefore) === 1;
        if (created < notBefore) expect(known).toBe(false);
        if (created >= notBefore + 500) expect(known).toBe(true);
      }),
    );
  });

  it("behaves within one set as a map of sixteen that drops the expired first and then the least recently used", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 300 }), (steps) => {
        const table = new ScoreTable(512);
        const model = new Model(slotsOfOneSet);
        let now = noon;
        for (const { name, action, quarters, score } of steps) {
          if (action === "wait") now += (quarters % 8) * 250;
          if (action === "get") expect(table.get(digestOf(name), now)).toBe(model.get(name, now));
          if (action !== "set") continue;
          table.set(digestOf(name), { score, created: now, expires: now + quarters * 250 }, now);
          model.set(name, score, now + quarters * 250, now);
        }
        expect(table.entries).toBeLessThanOrEqual(slotsOfOneSet);
      }),
      { numRuns: 500 },
    );
  });

  it("with many sets never returns a wrong score, always holds the sixteen last used, and counts its entries", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(400), { maxLength: 600 }), (sets, names) => {
        const table = new ScoreTable(sets * 512);
        for (const name of names) table.set(digestOf(`${name}`), entry({ score: name }), noon);
        const known = [...new Set(names)].filter((name) => !Number.isNaN(table.get(digestOf(`${name}`), noon)));
        for (const name of known) expect(table.get(digestOf(`${name}`), noon)).toBe(name);
        const lastUsed = [...new Set(names.toReversed())].slice(0, slotsOfOneSet);
        expect(known).toEqual(expect.arrayContaining(lastUsed));
        expect(table.entries).toBe(known.length);
        expect(table.entries * 32).toBeLessThanOrEqual(table.bytes);
      }),
    );
  });

  it("takes no more bytes than it was given, and refuses bytes for less than one set", () => {
    fc.assert(fc.property(fc.integer({ min: 512, max: 100_000 }), (bytes) => new ScoreTable(bytes).bytes <= bytes));
    for (const bytes of [511, 0, -1, Number.NaN]) expect(() => new ScoreTable(bytes)).toThrow(RangeError);
  });
});

const step = fc.record({
  action: fc.constantFrom("set", "set", "get", "get", "wait"),
  name: fc.nat(24).map(String),
  quarters: fc.nat(40),
  score: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((score) => !Object.is(score, -0)),
});

/** The same, written as simply as possible: a `Map` whose order is the order of use. */
class Model {
  readonly #pairs = new Map<string, { score: number; expires: number }>();
  readonly #slots: number;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get(name: string, now: number): number {
    const pair = this.#pairs.get(name);
    if (!pair || pair.expires <= now) return Number.NaN;
    this.#use(name, pair);
    return pair.score;
  }

  set(name: string, score: number, expires: number, now: number): void {
    if (expires <= now) return;
    if (!this.#pairs.has(name) && this.#pairs.size === this.#slots) this.#pairs.delete(this.#leastUseful(now));
    this.#use(name, { score, expires });
  }

  #use(name: string, pair: { score: number; expires: number }): void {
    this.#pairs.delete(name);
    this.#pairs.set(name, pair);
  }

  #leastUseful(now: number): string {
    const [leastRecent = ""] = this.#pairs.keys();
    const expired = [...this.#pairs].toReversed().find(([, pair]) => pair.expires <= now);
    return expired?.[0] ?? leastRecent;
  }
}

function digestOf(name: string): string {
  return hash("sha256", name, "binary");
}

function entry({ score }: { score: number }): { score: number; created: number; expires: number } {
  return { score, created: noon, expires: noon + 3600 * second };
}
