import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { describeFixture } from "../fixtures/fixture-models.ts";
import { startChild } from "../fixtures/start-child.ts";
import type { FromChild } from "../process/protocol.ts";

const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, position) => `document ${position} about the river`);
const asked = { truncate: true, truncationDirection: "right", maxTokensPerDocument: undefined } as const;

describe("requests at one time", () => {
  it("take turns, so that one document is answered long before 500 that came first", async () => {
    const child = startChild(await describeFixture("cross-encoder"));
    await child.hear("ready");
    child.send({ type: "score", id: 1, query: "the river", documents: many(500), ...asked });
    child.send({ type: "score", id: 2, query: "a mountain", documents: ["a mountain"], ...asked });
    await child.hear("done", 1);
    const order = child.said.flatMap((message) => (message.type === "done" ? [message.id] : []));
    expect(order).toEqual([2, 1]);
    const second = child.said.findIndex((message) => message.type === "done" && message.id === 2);
    // Both were sent at once: of the first, no more than what was under way, and one each turn.
    expect(countScores(child.said.slice(0, second), 1)).toBeLessThan(250);
  });

  it("give the scores that each would have alone, in the order of their documents", async () => {
    const child = startChild(await describeFixture("cross-encoder"));
    const documents = many(40);
    const alone = await child.score({ query: "the river", documents });
    const reversed = await child.score({ query: "the river", documents: documents.toReversed() });
    expect(reversed.scores.toReversed()).toEqual(alone.scores);
    const together = await Promise.all(
      [...documents.entries()].map(([position, document]) =>
        child.score({ id: 100 + position, query: "the river", documents: [document, ...documents] }),
      ),
    );
    for (const [position, { scores }] of together.entries())
      expect(scores).toEqual([alone.scores[position], ...alone.scores]);
  });

  it("are forgotten when they are cancelled, and nothing more is said of them", async () => {
    const child = startChild(await describeFixture("cross-encoder"));
    await child.hear("ready");
    child.send({ type: "score", id: 1, query: "the river", documents: many(5000), ...asked });
    await child.hear("scores", 1);
    child.send({ type: "cancel", id: 1 });
    await child.hear("cancelled", 1);
    const { end } = await child.score({ id: 2, query: "the river", documents: many(20) });
    expect(end.type).toBe("done");
    const cancelled = child.said.findIndex(({ type }) => type === "cancelled");
    expect(child.said.slice(cancelled + 1).filter((message) => "id" in message && message.id === 1)).toEqual([]);
    expect(countScores(child.said, 1)).toBeLessThan(5000);
  });

  it("that ended already are not cancelled", async () => {
    const child = startChild(await describeFixture("cross-encoder"));
    await child.score({ id: 1, query: "the river", documents: many(1) });
    child.send({ type: "cancel", id: 1 });
    child.send({ type: "cancel", id: 7 });
    await child.score({ id: 2, query: "the river", documents: many(1) });
    expect(child.said.filter(({ type }) => type === "cancelled")).toEqual([]);
  });

  it("may have no documents or texts", async () => {
    const child = startChild(await describeFixture("bi-encoder-mean"));
    const { scores, end } = await child.score({ query: "the river", documents: [] });
    expect({ scores, end: end.type }).toEqual({ scores: [], end: "done" });
    child.send({ type: "count", id: 9, texts: [] });
    expect(await child.hear("counts", 9)).toMatchObject({ tokens: [] });
  });
});

describe("tokens", () => {
  it("are counted as they are read, with the special ones", async () => {
    const child = startChild(await describeFixture("cross-encoder"));
    child.send({ type: "count", id: 50, texts: ["", "void", "the river of the mountain"] });
    const [empty, one, more = 0] = (await child.hear("counts", 50)).tokens;
    expect([empty, one]).toEqual([2, 3]);
    const { tokens } = await child.score({ query: "void", documents: ["", "the river of the mountain"] });
    expect(tokens).toEqual([4, more + 2]);
  });

  it("of the query are told once where it is read once", async () => {
    const child = startChild(await describeFixture("bi-encoder-mean"));
    child.send({ type: "count", id: 50, texts: ["query: the river", "passage: a"] });
    const { tokens } = await child.hear("counts", 50);
    const scored = await child.score({ query: "the river", documents: ["a", "a"] });
    expect(scored.end).toMatchObject({ type: "done", queryTokens: tokens[0], isQueryCut: false });
    expect(scored.tokens).toEqual([tokens[1], tokens[1]]);
  });

  it("beyond what the model reads are cut and told, from either end", async () => {
    const child = startChild(await describeFixture("cross-encoder"));
    const documents = [`river ${"the ".repeat(300)}mountain`, "the river"];
    const right = await child.score({ query: "the", documents });
    const left = await child.score({ query: "the", documents, truncationDirection: "left" });
    expect([right.tokens[0], left.tokens[0]]).toEqual([128, 128]);
    expect([right.truncated, left.truncated]).toEqual([[0], [0]]);
    expect(right.scores[0]).not.toBe(left.scores[0]);
    expect(right.scores[1]).toBe(left.scores[1]);
    const same = await child.score({ query: "the", documents: [`${documents[0]} and more`] });
    expect(same.scores[0]).toBe(right.scores[0]);
  });

  it("of a document count up to a number, and what is beyond it is told", async () => {
    const child = startChild(await describeFixture("cross-encoder"));
    const { tokens, truncated } = await child.score({
      query: "void",
      documents: ["void void", "void void void", "void void void void"],
      maxTokensPerDocument: 3,
    });
    expect(tokens).toEqual([6, 7, 7]);
    expect(truncated).toEqual([2]);
  });

  it.each(["cross-encoder", "bi-encoder-mean"])("of a query that is too long are cut, which %s tells", async (name) => {
    const child = startChild(await describeFixture(name));
    const { end, tokens } = await child.score({ query: "the ".repeat(500), documents: ["the river"] });
    expect(end).toMatchObject({ type: "done", isQueryCut: true });
    expect(Math.max(...tokens)).toBeLessThanOrEqual(128);
  });
});

describe("a request that cannot be served is refused", () => {
  it.each(["cross-encoder", "bi-encoder-mean"])("where %s may not cut a text", async (name) => {
    const child = startChild(await describeFixture(name));
    const long = "secret ".repeat(500);
    const document = await child.score({ query: "the", documents: ["the", long, "the"], truncate: false });
    expect(document.end).toMatchObject({ type: "refused", reason: "too-long" });
    expect(document.end).toMatchObject({
      message: expect.stringMatching(
        /^a document has more than 1\d\d tokens|^a document has more than the 1\d\d tokens/,
      ),
    });
    const query = await child.score({ query: long, documents: ["the"], truncate: false });
    expect(query.end).toMatchObject({ reason: "too-long", message: expect.stringMatching(/^the query has/) });
    expect(JSON.stringify([document.end, query.end])).not.toContain("secret");
    const fits = await child.score({ query: "the", documents: ["the"], truncate: false });
    expect(fits.end.type).toBe("done");
    const counted = await child.score({ query: "the", documents: [long], truncate: false, maxTokensPerDocument: 5 });
    expect(counted.end.type).toBe("done");
  });

  it("where a score is not a number, and the ones beside it are served", async () => {
    const child = startChild(await describeFixture("gives-nan"));
    await child.hear("ready");
    const [poisoned, whole] = await Promise.all([
      child.score({ query: "the", documents: ["the river", "into the void", "the"] }),
      child.score({ query: "the", documents: ["the river", "the"] }),
    ]);
    expect(poisoned.end).toMatchObject({ type: "refused", reason: "failed", message: expect.stringContaining("NaN") });
    expect(poisoned.scores.every(Number.isFinite)).toBe(true);
    expect(whole.end.type).toBe("done");
    expect(whole.scores.every(Number.isFinite)).toBe(true);
  });
});

describe("a model that cannot be used is refused by name when it is loaded, and the child ends", () => {
  it("because its file has no logits", async () => {
    const child = startChild(await describeFixture("without-logits"));
    const { message } = await child.hear("failed");
    expect(message).toMatch(
      /onnx\/model\.onnx of local\/.*without-logits has no output named logits \(it has last_hidden_state\)/,
    );
    await ended(child.process);
  });

  it("because its logits are of another number of labels", async () => {
    const model = await describeFixture("cross-encoder-labels");
    const child = startChild(model.kind === "cross-encoder" ? { ...model, labels: 2, positive: 1 } : model);
    expect((await child.hear("failed")).message).toContain("gave logits of the shape [1, 3]");
    await ended(child.process);
  });

  it("because it gives no vectors", async () => {
    const { kind: _, ...described } = await describeFixture("cross-encoder");
    const child = startChild({
      ...described,
      kind: "bi-encoder",
      pooling: "mean",
      prompts: { query: "", document: "" },
    });
    expect((await child.hear("failed")).message).toContain("(it has logits)");
    await ended(child.process);
  });

  it("because more is needed than its file does", async () => {
    const model = await describeFixture("bi-encoder-mean");
    const child = startChild(model.kind === "bi-encoder" ? { ...model, pooling: "in-the-file" } : model);
    expect((await child.hear("failed")).message).toContain("no output named sentence_embedding");
    await ended(child.process);
  });

  it("because its files are broken", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dheera-child-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "broken");
    await writeFile(file, "{");
    const model = await describeFixture("cross-encoder");
    const withoutTokenizer = startChild({ ...model, tokenizer: file });
    expect((await withoutTokenizer.hear("failed")).message).toMatch(/^the tokenizer of local\/.* cannot be read: /);
    const withoutWeights = startChild({ ...model, weights: { ...model.weights, path: file } });
    expect((await withoutWeights.hear("failed")).message).toMatch(
      /^ONNX Runtime cannot load onnx\/model\.onnx of local\//,
    );
    await ended(withoutTokenizer.process);
    await ended(withoutWeights.process);
  });
});

describe("the child", () => {
  it("ends when the channel closes, and not by what a terminal sends to the whole group", async () => {
    const child = startChild(await describeFixture("cross-encoder"));
    await child.hear("ready");
    child.process.kill("SIGINT");
    child.process.kill("SIGTERM");
    const { end } = await child.score({ query: "the", documents: ["the"] });
    expect(end.type).toBe("done");
    child.process.disconnect();
    await ended(child.process);
    expect(child.process.exitCode).toBe(0);
  });

  it("survives any text, and gives a score for each", async () => {
    const child = startChild(await describeFixture("cross-encoder-modernbert"));
    const other = startChild(await describeFixture("bi-encoder-cls"));
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 300 }),
      fc
        .tuple(fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 }), fc.nat(5000))
        .map(([text, times]) => text.repeat(times)),
      fc.constantFrom("", " ", "\u0000", "[CLS][SEP][PAD][MASK]</s><s>", "\u0301".repeat(5000), "\ud800".repeat(5000)),
    );
    await fc.assert(
      fc.asyncProperty(hostile, fc.array(hostile, { minLength: 1, maxLength: 4 }), async (query, documents) => {
        for (const one of [child, other]) {
          const { scores, end } = await one.score({ query, documents });
          expect(end.type).toBe("done");
          expect(scores).toHaveLength(documents.length);
        }
      }),
      { numRuns: 40 },
    );
  });
});

function countScores(said: readonly FromChild[], id: number): number {
  return said.reduce(
    (count, message) => count + (message.type === "scores" && message.id === id ? message.scores.length : 0),
    0,
  );
}

async function ended(process: ChildProcess): Promise<void> {
  await expect.poll(() => process.exitCode ?? process.signalCode).not.toBeNull();
}
