import type { CacheScope } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { memoryCache } from "./memory-cache.ts";

const scope: CacheScope = { fingerprint: "bge-reranker-base@1", params: "{}", query: "what is a panda?" };
const noon = Date.UTC(2026, 10, 23, 12);

describe("memoryCache", () => {
  it("returns the stored scores, and NaN for other documents", () => {
    const cache = memoryCache();
    cache.lookUp(scope, ["a", "b", "c"]).store([0, 2], [0.25, -7.5]);
    expect([...cache.lookUp(scope, ["c", "b", "a"]).scores]).toEqual([-7.5, Number.NaN, 0.25]);
  });

  it("shares nothing between scopes", () => {
    const cache = memoryCache();
    cache.lookUp(scope, ["a"]).store([0], [1]);
    for (const other of [
      { fingerprint: "bge-reranker-base@2" },
      { params: "{1}" },
      { query: "?" },
      { namespace: "tenant" },
      { list: ["a"] },
    ])
      expect([...cache.lookUp({ ...scope, ...other }, ["a"]).scores]).toEqual([Number.NaN]);
  });

  it("forgets scores after its own ttl, or the request's", () => {
    let now = noon;
    const cache = memoryCache({ ttl: 60, now: () => now });
    const { store } = cache.lookUp(scope, ["a", "b", "c"]);
    store([0], [1]);
    store([1], [2], 10);
    store([2], [3], 0);
    expect([...cache.lookUp(scope, ["a", "b", "c"]).scores]).toEqual([1, 2, Number.NaN]);
    now += 10_000;
    expect([...cache.lookUp(scope, ["a", "b", "c"]).scores]).toEqual([1, Number.NaN, Number.NaN]);
    now += 50_000;
    expect([...cache.lookUp(scope, ["a", "b", "c"]).scores]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it("returns only scores that are young enough for the request", () => {
    let now = noon;
    const cache = memoryCache({ now: () => now });
    cache.lookUp(scope, ["a"]).store([0], [1]);
    now += 30_000;
    expect(cache.lookUp(scope, ["a"], 29).scores[0]).toBeNaN();
    expect(cache.lookUp(scope, ["a"], 30).scores[0]).toBe(1);
    cache.lookUp(scope, ["a"], 29).store([0], [2]);
    expect(cache.lookUp(scope, ["a"], 29).scores[0]).toBe(2);
  });

  it("stores finite scores only, and ignores positions out of range", () => {
    const cache = memoryCache();
    const { store } = cache.lookUp(scope, ["a", "b", "c"]);
    store([0, 1, 2, 3, -1], [Number.NaN, Number.POSITIVE_INFINITY]);
    expect(cache.stats().entries).toBe(0);
    store([0], [1], Number.NaN);
    store([1], [1], -5);
    expect(cache.stats().entries).toBe(0);
    store([2], [1], Number.MAX_VALUE);
    expect(cache.lookUp(scope, ["c"]).scores[0]).toBe(1);
  });

  it("answers as a plain map with times does, as long as there is room", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e");
    const anyStep = fc.oneof(
      fc.record({
        query: name,
        documents: fc.array(name, { maxLength: 6 }),
        ttl: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      }),
      fc.record({
        query: name,
        documents: fc.array(name, { maxLength: 6 }),
        maxAge: fc.option(fc.nat(30), { nil: undefined }),
      }),
      fc.record({ seconds: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        let now = noon;
        const cache = memoryCache({ max_size_mb: 1, ttl: 20, now: () => now });
        const model = new Map<string, { score: number; created: number; expires: number }>();
        for (const [score, step] of steps.entries()) {
          if ("seconds" in step) {
            now += step.seconds * 1000;
            continue;
          }
          const lookup = cache.lookUp(
            { ...scope, query: step.query },
            step.documents,
            "maxAge" in step ? step.maxAge : undefined,
          );
          const keys = step.documents.map((document) => `${step.query} ${document}`);
          if ("maxAge" in step) {
            const maxAge = step.maxAge ?? Number.POSITIVE_INFINITY;
            const expected = keys.map((key) => {
              const pair = model.get(key);
              return pair && pair.expires > now && pair.created >= now - maxAge * 1000 ? pair.score : Number.NaN;
            });
            expect([...lookup.scores]).toEqual(expected);
          } else if ("ttl" in step) {
            lookup.store(
              [...keys.keys()],
              keys.map(() => score),
              step.ttl,
            );
            for (const key of keys) model.set(key, { score, created: now, expires: now + (step.ttl ?? 20) * 1000 });
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps to its bound from the start, and reports how much it holds", () => {
    const cache = memoryCache({ max_size_mb: 0.001 });
    expect(cache.stats()).toEqual({ entries: 0, bytes: 1024 });
    const documents = Array.from({ length: 1000 }, (_, number) => `document ${number}`);
    cache.lookUp(scope, documents).store(
      [...documents.keys()],
      documents.map(() => 1),
    );
    expect(cache.stats()).toEqual({ entries: 32, bytes: 1024 });
  });

  it("refuses sizes and times that make no sense", () => {
    for (const max_size_mb of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => memoryCache({ max_size_mb })).toThrow(/^max_size_mb is /);
    for (const ttl of [0, -1, Number.NaN]) expect(() => memoryCache({ ttl })).toThrow(/^ttl is /);
  });
});
