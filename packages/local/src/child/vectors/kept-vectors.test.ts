import { createRequire } from "node:module";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { describeFixture } from "../../fixtures/fixture-models.ts";
import { makePairs, settingsOf } from "../../fixtures/pairs.ts";
import { startChild } from "../../fixtures/start-child.ts";
import { loadBiEncoder } from "../bi-encoder.ts";
import type { LoadedModel } from "../loaded-model.ts";
import { openSession } from "../session.ts";
import { openTokenizer } from "../tokens/tokenizer.ts";
import { keepVectors } from "./kept-vectors.ts";

const megabyte = 1_000_000;
const biEncoders = ["bi-encoder-mean", "bi-encoder-cls", "bi-encoder-pooled"] as const;

describe("scores of vectors that are kept", () => {
  it.each(biEncoders)("are those of vectors that are computed again, bit by bit (%s)", async (name) => {
    const model = await describeFixture(name);
    const keeping = startChild(model, { vectorCacheBytes: 16 * megabyte });
    const computing = startChild(model, { vectorCacheBytes: 0 });
    const pairs = makePairs(14);
    const documents = pairs.map(({ document }) => document);
    for (const [position, { query }] of pairs.entries()) {
      const { direction, most } = settingsOf(position);
      const asked = { query, documents, truncationDirection: direction, maxTokensPerDocument: most };
      const [kept, computed] = await Promise.all([keeping.score(asked), computing.score(asked)]);
      expect(kept.end.type).toBe("done");
      expect({ ...kept, end: { ...kept.end, id: 0 } }).toEqual({ ...computed, end: { ...computed.end, id: 0 } });
    }
  });

  it("are right for several requests at once that take turns, one of them cancelled", async () => {
    const model = await describeFixture("bi-encoder-mean");
    // Room for a few only, so that what one request keeps is written over by the other.
    const keeping = startChild(model, { vectorCacheBytes: 4_000 });
    const computing = startChild(model, { vectorCacheBytes: 0 });
    const documents = Array.from(
      { length: 60 },
      (_, position) => `the river ${"and ".repeat(position % 9)}the mountain`,
    );
    await keeping.hear("ready");
    const cancelled = keeping.score({ id: 1, query: "the void", documents: documents.concat(documents) });
    keeping.send({ type: "cancel", id: 1 });
    const asked = [
      { id: 2, query: "the river", documents },
      { id: 3, query: "a mountain", documents: documents.toReversed() },
    ];
    const kept = await Promise.all(asked.map((one) => keeping.score(one)));
    expect((await cancelled).end.type).toBe("cancelled");
    for (const [position, one] of asked.entries())
      expect(kept[position]?.scores).toEqual((await computing.score(one)).scores);
  });
});

describe("a document", () => {
  it("is computed once for all queries, and so is a query and a duplicate", async () => {
    const { model, runs } = await loadCounted(16 * megabyte);
    await scoreAll(model, "the river", ["one", "two", "one"]);
    expect(runs()).toBe(3);
    await scoreAll(model, "a mountain", ["two", "one"]);
    expect(runs()).toBe(4);
    await scoreAll(model, "the river", ["one", "two"]);
    expect(runs()).toBe(4);
  });

  it("is another one where less of it is read, and the same where what differs is not read", async () => {
    const { model, runs } = await loadCounted(16 * megabyte);
    await scoreAll(model, "the river", ["the river and the mountain"]);
    await scoreAll(model, "the river", ["the river and the mountain"], 3);
    expect(runs()).toBe(3);
    await scoreAll(model, "the river", ["the river and the void"], 3);
    expect(runs()).toBe(3);
  });

  it("is not the query with the same words, where they have prompts", async () => {
    const { model, runs } = await loadCounted(16 * megabyte);
    await scoreAll(model, "the river", ["the river"]);
    expect(runs()).toBe(2);
  });

  it("is computed each time where nothing is kept", async () => {
    const { model, runs } = await loadCounted(0);
    await scoreAll(model, "the river", ["one", "one"]);
    await scoreAll(model, "the river", ["one"]);
    expect(runs()).toBe(5);
  });
});

describe("the memory for vectors", () => {
  it("has room for what its bytes say, and gives up first what was used longest ago", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }),
        async (room, asked) => {
          const computed: number[] = [];
          // 8 numbers of 8 bytes and 160 bytes around them.
          const embed = keepVectors(
            async ({ ids: [id = 0] }) => {
              computed.push(id);
              return Float64Array.of(id, 1, 2, 3, 4, 5, 6, 7);
            },
            room * 224 + 100,
          );
          const expected: number[] = [];
          let recent: number[] = [];
          const given: Float64Array[] = [];
          for (const id of asked) {
            if (!recent.includes(id)) expected.push(id);
            recent = [...recent.filter((one) => one !== id), id].slice(-room || Infinity);
            given.push(await embed({ ids: [id], types: [0] }));
          }
          // At the end: what was given must not change when its place is given to another.
          expect(given).toEqual(asked.map((id) => Float64Array.of(id, 1, 2, 3, 4, 5, 6, 7)));
          expect(computed).toEqual(expected);
        },
      ),
    );
  });

  it("keeps nothing of a text that failed", async () => {
    let failures = 0;
    const embed = keepVectors(async () => {
      failures += 1;
      throw new Error("the runtime failed");
    }, megabyte);
    await expect(embed({ ids: [1], types: [0] })).rejects.toThrow("failed");
    await expect(embed({ ids: [1], types: [0] })).rejects.toThrow("failed");
    expect(failures).toBe(2);
  });
});

/** A tiny model with prompts, and how often its network was run. */
async function loadCounted(vectorCacheBytes: number): Promise<{ model: LoadedModel; runs: () => number }> {
  const model = await describeFixture("bi-encoder-mean");
  if (model.kind !== "bi-encoder") throw new Error("a bi-encoder is expected");
  const require = createRequire(import.meta.url);
  const modules = { onnxRuntime: require.resolve("onnxruntime-node"), tokenizer: require.resolve("tokenizers") };
  const session = await openSession({ model, modules, runtime: "native", threads: 1 });
  let count = 0;
  const run: typeof session.run = (...input) => {
    count += 1;
    return session.run(...input);
  };
  const tokenizer = await openTokenizer({ model, modules });
  return { model: loadBiEncoder(model, tokenizer, { ...session, run }, vectorCacheBytes), runs: () => count };
}

async function scoreAll(
  model: LoadedModel,
  query: string,
  documents: readonly string[],
  maxTokensPerDocument?: number,
): Promise<void> {
  const reading = model.read({ query, truncate: true, truncationDirection: "right", maxTokensPerDocument });
  for (const document of documents) await (await reading.prepare(document)).score();
}
