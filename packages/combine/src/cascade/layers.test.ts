import fc from "fast-check";
import { expect, it } from "vitest";

import { type Layer, stackLayers } from "./layers.ts";

/** Rankings of ever fewer documents, as stages make them. */
const layers: fc.Arbitrary<readonly Layer[]> = fc
  .record({
    documents: fc.integer({ min: 1, max: 40 }),
    shares: fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
  })
  .chain(({ documents, shares }) => {
    const sizes = [documents];
    for (const share of shares) sizes.push(Math.max(1, Math.floor((sizes.at(-1) ?? documents) * share)));
    return fc.tuple(
      ...sizes.map((size) =>
        fc.record({
          // Which of those that went on comes first, second, …: places of the list that is left.
          picks: fc.array(fc.nat(), { minLength: size, maxLength: size }),
          scores: fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN)), {
            minLength: size,
            maxLength: size,
          }),
        }),
      ),
    );
  })
  .map((stages) => {
    let candidates = Array.from({ length: stages[0]?.picks.length ?? 0 }, (_, index) => index);
    return stages.map(({ picks, scores }, position): Layer => {
      const left = candidates.slice(0, picks.length);
      const order = picks.flatMap((pick) => left.splice(pick % left.length, 1));
      candidates = order;
      const known = scores.filter((score) => !Number.isNaN(score)).toSorted((a, b) => b - a);
      const unknown = scores.filter((score) => Number.isNaN(score));
      return { model: `stage ${position}`, order, scores: [...known, ...unknown], scoreKind: "logit" };
    });
  });

it("ranks each document exactly once, by the scores of the last stage alone, which never ascend", () => {
  fc.assert(
    fc.property(layers, (stages) => {
      const { order, scores, stageOf } = stackLayers(stages);
      const documents = stages[0]?.order.length ?? 0;
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: documents }, (_, index) => index));
      const last = stages.at(-1);
      expect(scores.slice(0, last?.order.length)).toEqual(last?.scores);
      expect(scores.slice(last?.order.length).every((score) => Number.isNaN(score))).toBe(true);
      const known = scores.filter((score) => !Number.isNaN(score));
      expect(known.every((score, rank) => score <= (known[rank - 1] ?? Infinity))).toBe(true);
      expect(stageOf?.size).toBe(documents);
    }),
  );
});

it("keeps the order of those that left early, behind those that went on", () => {
  fc.assert(
    fc.property(layers, (stages) => {
      const { order, stageOf } = stackLayers(stages);
      const rankOf = new Map(order.map((index, rank) => [index, rank]));
      const at = (index: number): number => rankOf.get(index) ?? -1;
      for (const [position, stage] of stages.entries()) {
        const next = new Set(stages[position + 1]?.order);
        const left = stage.order.filter((index) => !next.has(index));
        expect(left.every((index, place) => place === 0 || at(index) > at(left[place - 1] ?? -1))).toBe(true);
        for (const index of left) expect(stageOf?.get(index)?.stage).toBe(stage.model);
        if (next.size > 0) expect(Math.max(...[...next].map(at))).toBeLessThan(Math.min(...left.map(at), Infinity));
      }
    }),
  );
});
