import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { estimateTokens } from "./estimate-tokens.ts";
import { jsonBytes } from "./json-bytes.ts";
import { fitsOneCall } from "./plan-task.ts";
import { cautiousTokens } from "./cautious-tokens.ts";
import { type PlanInput, inOneCall, planBatches } from "./plan-batches.ts";

const anyInput: fc.Arbitrary<PlanInput> = fc.record({
  query: fc.string({ maxLength: 50 }),
  texts: fc.array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.nat({ max: 5_000 }).map((length) => "x".repeat(length)),
    ),
    {
      minLength: 1,
      maxLength: 200,
    },
  ),
  limits: fc.record(
    {
      documentsPerCall: fc.integer({ min: 1, max: 64 }),
      bytesPerCall: fc.integer({ min: 1_500, max: 100_000 }),
      tokensPerDocument: fc.integer({ min: 1, max: 512 }),
      tokensPerCall: fc.integer({ min: 1, max: 20_000 }),
      documentsInFlight: fc.integer({ min: 1, max: 512 }),
    },
    { requiredKeys: [] },
  ),
  spread: fc.integer({ min: 1, max: 8 }),
  pads: fc.boolean(),
});

describe("planBatches", () => {
  it("puts every document into exactly one batch", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const positions = planBatches(input).flat();
        expect(positions.toSorted((a, b) => a - b)).toEqual([...input.texts.keys()]);
      }),
      { numRuns: 500 },
    );
  });

  it("breaks no limit, except for a text that breaks it alone", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { documentsPerCall = Infinity, documentsInFlight = Infinity, bytesPerCall = Infinity } = input.limits;
        for (const batch of planBatches(input)) {
          expect(batch.length).toBeLessThanOrEqual(Math.min(documentsPerCall, documentsInFlight));
          const body = JSON.stringify({
            query: input.query,
            texts: batch.map((position) => input.texts[position]),
            truncate: true,
          });
          if (batch.length > 1) expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(bytesPerCall);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("keeps the tokens of a call, the query counted once for each document, below its limit, except for a single document", () => {
    const tokensOf = ({ query, limits }: PlanInput, text: string): number =>
      Math.min(cautiousTokens(query) + cautiousTokens(text), limits.tokensPerDocument ?? Infinity);
    fc.assert(
      fc.property(anyInput, (input) => {
        for (const batch of planBatches(input)) {
          const tokens = batch.reduce((total, position) => total + tokensOf(input, input.texts[position] ?? ""), 0);
          if (batch.length > 1) expect(tokens).toBeLessThanOrEqual(input.limits.tokensPerCall ?? Infinity);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("makes no more calls for the tokens than they take", () => {
    const texts = Array.from({ length: 100 }, () => "word ".repeat(100));
    const limits = { tokensPerCall: 100_000 };
    const batches = planBatches({ query: "which?", texts, limits, spread: 1, pads: false });
    const tokens = texts.reduce((total, text) => total + cautiousTokens(text) + cautiousTokens("which?") + 4, 0);
    expect(batches).toHaveLength(Math.ceil(tokens / 100_000));
  });

  it("is not needed for what fits one call for certain", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        if (fitsOneCall(input)) expect(planBatches(input)).toEqual([inOneCall(input)]);
      }),
      { numRuns: 500 },
    );
  });

  it("plans the same batches for the same input", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        expect(planBatches(input)).toEqual(planBatches(input));
      }),
    );
  });

  it("sends all documents in one call, in their order, when nothing limits it", () => {
    expect(planBatches({ query: "q", texts: ["a", "bb", "c"], limits: {}, spread: 1, pads: false })).toEqual([
      [0, 1, 2],
    ]);
  });

  it("splits evenly instead of filling one batch and leaving a rest", () => {
    const texts = Array.from({ length: 33 }, () => "same length");
    const sizes = planBatches({ query: "q", texts, limits: { documentsPerCall: 32 }, spread: 1, pads: false }).map(
      (batch) => batch.length,
    );
    expect(sizes.toSorted((a, b) => a - b)).toEqual([16, 17]);
  });

  it("keeps every deployment busy when there are enough documents for all", () => {
    const texts = Array.from({ length: 32 }, () => "text");
    expect(planBatches({ query: "q", texts, limits: { documentsPerCall: 32 }, spread: 4, pads: false })).toHaveLength(
      4,
    );
    expect(planBatches({ query: "q", texts: texts.slice(0, 9), limits: {}, spread: 4, pads: false })).toHaveLength(1);
  });

  it("balances skewed lengths: no batch is heavier than the lightest by more than the longest document", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 40, maxLength: 120 }), (lengths) => {
        const texts = lengths.map((length) => "x".repeat(length));
        const batches = planBatches({ query: "q", texts, limits: {}, spread: 4, pads: false });
        const loads = batches.map((batch) =>
          batch.reduce((load, position) => load + estimateTokens(texts[position] ?? ""), 0),
        );
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(Math.max(...texts.map(estimateTokens)));
      }),
    );
  });

  it.each([{}, { documentsPerCall: 4 }])(
    "sends neighbours in length beside each other where the server pads",
    (limits) => {
      const texts = Array.from({ length: 16 }, (_, position) =>
        "word ".repeat(position % 2 === 0 ? position + 1 : 90 - position),
      );
      const batches = planBatches({ query: "q", texts, limits, spread: 1, pads: true });
      for (const batch of batches) {
        const lengths = batch.map((position) => texts[position]?.length ?? 0);
        expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
      }
      expect(batches.flat().toSorted((a, b) => a - b)).toEqual([...texts.keys()]);
    },
  );

  it("keeps similar lengths together where the server pads", () => {
    const texts = Array.from({ length: 64 }, (_, position) => "x".repeat(position % 2 === 0 ? 40 : 4_000));
    const batches = planBatches({ query: "q", texts, limits: { documentsPerCall: 32 }, spread: 1, pads: true });
    const padded = batches.reduce(
      (cost, batch) => cost + batch.length * Math.max(...batch.map((position) => texts[position]?.length ?? 0)),
      0,
    );
    expect(batches).toHaveLength(2);
    expect(padded).toBe(32 * 40 + 32 * 4_000);
  });

  it("puts the heaviest batch first", () => {
    const texts = ["x".repeat(10), "x".repeat(4_000), "x".repeat(20)];
    const [first] = planBatches({ query: "q", texts, limits: { documentsPerCall: 1 }, spread: 1, pads: false });
    expect(first).toEqual([1]);
  });
});

describe("jsonBytes", () => {
  it("counts the bytes that JSON.stringify writes", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        (text) => {
          expect(jsonBytes(text)).toBe(new TextEncoder().encode(JSON.stringify(text)).length);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
