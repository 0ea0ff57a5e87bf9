import type { CacheScope } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cacheKeys as make } from "./cache-keys.ts";
import { RecentDigests } from "./recent-digests.ts";

const cacheKeys = (...args: Parameters<typeof make>): readonly string[] => make(...args).digests;

const scope: CacheScope = { fingerprint: "bge-reranker-base@1", params: "{}", query: "what is a panda?" };

describe("cacheKeys", () => {
  it("gives equal digests to equal scopes and documents only", () => {
    // Few short letters, a digit and a colon: the texts most likely to look alike once they are written one after the
    // other.
    const text = fc.string({ unit: fc.constantFrom("a", "1", ":", "\ud800", "\udc00", "\ufffd"), maxLength: 3 });
    const anyScope = fc.record(
      { fingerprint: text, params: text, query: text, namespace: text, list: fc.array(text, { maxLength: 3 }) },
      { requiredKeys: ["fingerprint", "params", "query"] },
    );
    const anyPair = fc.tuple(anyScope, text);
    fc.assert(
      fc.property(anyPair, anyPair, ([scopeA, a], [scopeB, b]) => {
        const isSame = JSON.stringify([scopeA, a]) === JSON.stringify([scopeB, b]);
        expect(cacheKeys(scopeA, [a])[0] === cacheKeys(scopeB, [b])[0]).toBe(isSame);
      }),
      { numRuns: 5000 },
    );
  });

  it("changes with every part of the scope, and with the border between two parts", () => {
    const scopes: CacheScope[] = [
      scope,
      { ...scope, fingerprint: `${scope.fingerprint}{`, params: "}" },
      { ...scope, params: "{}what is", query: " a panda?" },
      { ...scope, namespace: "" },
      { ...scope, namespace: "tenant" },
      { ...scope, list: [] },
      { ...scope, list: ["a"] },
      { ...scope, list: ["a", ""] },
      { ...scope, list: ["", "a"] },
    ];
    expect(new Set(scopes.map((each) => cacheKeys(each, ["a document"])[0])).size).toBe(scopes.length);
  });

  it("distinguishes texts that are equal in UTF-8", () => {
    const texts = ["\ud800", "\ud801", "\udc00", "\ufffd", "a\ud800", "a\ufffd", "\ud83d\ude00", "\ude00\ud83d"];
    expect(new Set(cacheKeys(scope, texts)).size).toBe(texts.length);
    expect(new Set(texts.map((query) => cacheKeys({ ...scope, query }, ["a document"])[0])).size).toBe(texts.length);
  });

  it("distinguishes equal documents of a list by their position", () => {
    const [first, second] = cacheKeys({ ...scope, list: ["a", "a"] }, ["a", "a"]);
    expect(first).not.toBe(second);
    const [one, other] = cacheKeys(scope, ["a", "a"]);
    expect(one).toBe(other);
  });

  it("stays the same from release to release, because replicas of different releases share scores", () => {
    const [digest = ""] = cacheKeys({ namespace: "tenant", fingerprint: "f", params: "{}", query: "q" }, [
      "a document",
    ]);
    expect(Buffer.from(digest, "latin1").toString("hex")).toBe(
      "3a299bc31d2041e2ac2d3be1f11036216ff67e96b03fda2fa386169490edc56e",
    );
  });

  it("reuses digests that were kept, and only those of documents with a score", () => {
    const recent = new RecentDigests();
    const documents = ["a", "b", "c"];
    const made = make(scope, documents, recent);
    expect(made.isNew).toBe(true);
    recent.keep(made.scope, documents, made.digests, Float64Array.of(1, Number.NaN, 3));
    expect(make(scope, ["c", "a"], recent)).toEqual({
      scope: made.scope,
      digests: [made.digests[2], made.digests[0]],
      isNew: false,
    });
    expect(make(scope, ["b"], recent)).toEqual({ scope: made.scope, digests: [made.digests[1]], isNew: true });
    expect(make({ ...scope, query: "another" }, ["a"], recent).digests).not.toEqual([made.digests[0]]);
  });
});
