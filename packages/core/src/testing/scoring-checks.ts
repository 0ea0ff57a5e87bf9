import { expect } from "vitest";

import type { ScoreParams } from "../contract.ts";
import type { Check } from "./check.ts";
import { apiKey, documents, type NetworkSubject, onStage, query, trueScores } from "./stage.ts";

/** A provider hands texts to its upstream as they are, and scores back as they came. */
export function scoringChecks(subject: NetworkSubject): readonly Check[] {
  return [
    {
      name: "sends the query and all documents in one exchange",
      run: () =>
        onStage(subject, async ({ score, scoreRequests, server }) => {
          await score().catch((error: unknown) => {
            if (scoreRequests().length > 0) throw error;
          });
          const arrived = server.requests.map(({ method, path }) => `${method} ${path}`).join(", ");
          expect(
            scoreRequests(),
            `readRequest must find query and documents in one of: ${arrived || "no request arrived"}`,
          ).not.toHaveLength(0);
          const before = scoreRequests().length;
          await score();
          const sent = scoreRequests().slice(before);
          expect(sent.map((request) => ({ query: request.query, documents: request.documents }))).toEqual([
            { query, documents },
          ]);
        }),
    },
    {
      name: "sends the key it was given",
      run: () =>
        onStage(subject, async ({ score, scoreRequests }) => {
          await score();
          expect(Object.values(scoreRequests()[0]?.headers ?? {}).some((value) => value.includes(apiKey))).toBe(true);
        }),
    },
    {
      name: "scores each document once",
      run: () => onStage(subject, async ({ score }) => expectTrueScores(await score(), documents.length)),
    },
    {
      name: "scores a single document",
      run: () => onStage(subject, async ({ score }) => expectTrueScores(await score({ documents: ["alone"] }), 1)),
    },
    {
      name: "scores as many documents as one call may hold",
      run: () =>
        onStage(subject, async ({ score, scorer }) => {
          const { limits } = await scorer.profile(new AbortController().signal);
          const count = Math.min(limits.documentsPerCall ?? 200, 1000);
          expectTrueScores(
            await score({ documents: Array.from({ length: count }, (_, index) => `document ${index}`) }),
            count,
          );
        }),
    },
    {
      name: "hands over empty, very long and strange documents unchanged",
      run: () =>
        onStage(subject, async ({ score, scorer, scoreRequests }) => {
          const { limits } = await scorer.profile(new AbortController().signal);
          const strange = [
            "",
            " ",
            "naïve café 日本語 🦉 שלום",
            'quotes " and \\ and\nlines\t\u0000',
            "x".repeat(Math.min(1_000_000, Math.floor((limits.bytesPerCall ?? 2e6) / 2))),
          ];
          const sent = strange.slice(0, limits.documentsPerCall);
          expectTrueScores(await score({ documents: sent }), sent.length);
          expect(scoreRequests().at(-1)?.documents).toEqual(sent);
        }),
    },
    {
      name: "accepts every parameter a caller may give",
      run: () =>
        onStage(subject, async ({ score }) =>
          expectTrueScores(await score({ params: everyParameter }), documents.length),
        ),
    },
    {
      name: "keeps calls that run at the same time apart",
      run: () =>
        onStage(subject, async ({ score }) => {
          const [three, one] = await Promise.all([score(), score({ documents: ["alone"] })]);
          expectTrueScores(three, 3);
          expectTrueScores(one, 1);
        }),
    },
  ];
}

export const everyParameter: Required<ScoreParams> = {
  truncate: false,
  truncationDirection: "left",
  rawScores: true,
  maxTokensPerDocument: 128,
  instruction: "prefer recent documents",
};

export function expectTrueScores(scores: Float64Array, count: number): void {
  const expected = trueScores(count).map(({ score }) => score);
  expect(scores).toHaveLength(count);
  for (const [index, score] of expected.entries())
    expect(scores[index], `score of document ${index}`).toBeCloseTo(score, 6);
}
