import { expect } from "vitest";

import type { Check } from "./check.ts";
import { everyParameter } from "./scoring-checks.ts";
import { connect, documents, failureOf, score } from "./stage.ts";
import type { ProviderSubject } from "./subject.ts";

/** What holds for a provider that calls no server. */
export function offlineChecks(subject: ProviderSubject): readonly Check[] {
  return [
    {
      name: "scores each document once",
      run: async () => expect(await score(subject, connect(subject))).toHaveLength(documents.length),
    },
    {
      name: "scores a single document",
      run: async () => expect(await score(subject, connect(subject), { documents: ["alone"] })).toHaveLength(1),
    },
    {
      name: "scores as many documents as one call may hold",
      run: async () => {
        const scorer = connect(subject);
        const { limits } = await scorer.profile(new AbortController().signal);
        const many = Array.from(
          { length: Math.min(limits.documentsPerCall ?? 1000, 1000) },
          (_, index) => `document ${index}`,
        );
        expect(await score(subject, scorer, { documents: many })).toHaveLength(many.length);
      },
    },
    {
      name: "scores empty, very long and strange documents",
      run: async () => {
        const strange = [
          "",
          " ",
          "naïve café 日本語 🦉 שלום",
          "lone \ud800 surrogate",
          "lines\n\t\u0000",
          "x".repeat(1_000_000),
          "words ".repeat(200_000),
        ];
        expect(await score(subject, connect(subject), { documents: strange })).toHaveLength(strange.length);
      },
    },
    {
      name: "accepts every parameter a caller may give",
      run: async () =>
        expect(await score(subject, connect(subject), { params: everyParameter })).toHaveLength(documents.length),
    },
    {
      name: "gives the same scores every time, also to calls at the same time",
      run: async () => {
        const scorer = connect(subject);
        const [again, atOnce] = await Promise.all([score(subject, scorer), score(subject, scorer)]);
        expect(again).toEqual(atOnce);
        expect(await score(subject, connect(subject))).toEqual(again);
      },
    },
    {
      name: "ends with cancelled when the call was given up before it began",
      run: async () => {
        const outcome = score(subject, connect(subject), { signal: AbortSignal.abort() });
        expect(await failureOf(outcome)).toMatchObject({ code: "cancelled" });
      },
    },
  ];
}
