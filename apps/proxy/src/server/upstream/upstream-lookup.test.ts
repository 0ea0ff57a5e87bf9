import type { LookupAddress, LookupOptions } from "node:dns";
import { promisify } from "node:util";

import { beforeEach, describe, expect, it } from "vitest";

import { createLookup } from "./upstream-lookup.ts";

const addresses: readonly LookupAddress[] = [
  { address: "10.0.0.1", family: 4 },
  { address: "fd00::1", family: 6 },
];

let asked: string[];
let now: number;
let failure: Error | undefined;
let takeSnapshot: (hostname: string, options: LookupOptions) => Promise<unknown>;

beforeEach(() => {
  asked = [];
  now = 0;
  failure = undefined;
  const lookup = createLookup(
    async (hostname, { family }) => {
      asked.push(`${hostname} ${family}`);
      if (failure) throw failure;
      return addresses;
    },
    () => now,
  );
  takeSnapshot = promisify(
    (hostname: string, options: LookupOptions, done: (error: Error | null, found: unknown) => void) =>
      lookup(hostname, options, (error, ...found) => done(error, found)),
  );
});

describe("createLookup", () => {
  it("asks once for all connections of ten seconds", async () => {
    const all = Array.from({ length: 50 }, () => takeSnapshot("tei.example", { all: true }));
    expect(await Promise.all(all)).toEqual(all.map(() => [addresses]));
    now = 9_999;
    expect(await takeSnapshot("tei.example", { all: false })).toEqual(["10.0.0.1", 4]);
    expect(asked).toHaveLength(1);
    now = 10_000;
    await takeSnapshot("tei.example", { all: true });
    expect(asked).toHaveLength(2);
  });

  it("distinguishes names and address families", async () => {
    for (const family of [4, 6]) await takeSnapshot("tei.example", { all: true, family });
    await takeSnapshot("other.example", { all: true, family: 4 });
    expect(asked).toEqual(["tei.example 4", "tei.example 6", "other.example 4"]);
  });

  it("asks again after a failure", async () => {
    failure = new Error("ENOTFOUND");
    await expect(takeSnapshot("tei.example", { all: true })).rejects.toThrow("ENOTFOUND");
    failure = undefined;
    expect(await takeSnapshot("tei.example", { all: true })).toEqual([addresses]);
  });
});
