import assert from "node:assert/strict";

import type { Scorer } from "../../contract.ts";
import { assertCode, type Check } from "./check.ts";
import { connected } from "./profile-checks.ts";
import { everyParameter } from "./scoring-checks.ts";
import { connect, documents, failureOf, score } from "../stage.ts";
import type { ProviderSubject } from "../subject.ts";

/** What holds for a provider that calls no server. */
export function offlineChecks(subject: ProviderSubject): readonly Check[] {
  const scoresAll = async (scorer: Scorer, texts: readonly string[]): Promise<void> =>
    assert.equal((await score(subject, scorer, { documents: texts })).length, texts.length);

  return [
    {
      name: "scores each document once",
      run: () => connected(subject, (scorer) => scoresAll(scorer, documents)),
    },
    {
      name: "scores a single document",
      run: () => connected(subject, (scorer) => scoresAll(scorer, ["alone"])),
    },
    {
      name: "scores as many documents as one call may hold",
      run: () =>
        connected(subject, async (scorer) => {
          const { limits } = await scorer.profile(new AbortController().signal);
          const count = Math.min(limits.documentsPerCall ?? 1000, 1000);
          await scoresAll(
            scorer,
            Array.from({ length: count }, (_, index) => `document ${index}`),
          );
        }),
    },
    {
      name: "scores empty, very long and strange documents",
      run: () =>
        connected(subject, (scorer) =>
          scoresAll(scorer, [
            "",
            " ",
            "naïve café 日本語 🦉 שלום",
            "lone \ud800 surrogate",
            "lines\n\t\u0000",
            "x".repeat(1_000_000),
            "words ".repeat(200_000),
          ]),
        ),
    },
    {
      name: "accepts every parameter a caller may give",
      run: () =>
        connected(subject, async (scorer) => {
          const scores = await score(subject, scorer, { params: everyParameter });
          assert.equal(scores.length, documents.length);
        }),
    },
    {
      name: "gives the same scores every time, also to calls at the same time",
      run: () =>
        connected(subject, async (scorer) => {
          const [again, atOnce] = await Promise.all([score(subject, scorer), score(subject, scorer)]);
          assert.deepEqual(again, atOnce);
          const other = connect(subject);
          assert.deepEqual(await score(subject, other), again);
          await other.close?.();
        }),
    },
    {
      name: "ends with cancelled when the call was given up before it began",
      run: () =>
        connected(subject, async (scorer) => {
          const outcome = score(subject, scorer, { signal: AbortSignal.abort() });
          assertCode(await failureOf(outcome), "cancelled");
        }),
    },
  ];
}
