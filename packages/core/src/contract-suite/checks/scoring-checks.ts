import assert from "node:assert/strict";

import type { ScoreParams } from "../../contract.ts";
import { assertTrueScores, type Check } from "./check.ts";
import type { ScoreRequest } from "../score-request.ts";
import { documents, type NetworkSubject, onStage, query } from "../stage.ts";

/** A provider hands texts to its upstream as they are, and scores back as they came. */
export function scoringChecks(subject: NetworkSubject): readonly Check[] {
  const isOne = subject.upstream.exchanges !== "many";
  return [
    {
      name: isOne
        ? "sends the query and all documents in one exchange"
        : "sends each document once, with the query, in one of several exchanges",
      run: () =>
        onStage(subject, async ({ score, scoreRequests, server }) => {
          await score().catch((error: unknown) => {
            if (scoreRequests().length > 0) throw error;
          });
          const arrived = server.requests.map(({ method, path }) => `${method} ${path}`).join(", ");
          assert.ok(
            scoreRequests().length > 0,
            `readRequest must find query and documents in one of: ${arrived || "no request arrived"}`,
          );
          const before = scoreRequests().length;
          await score();
          const sent = scoreRequests().slice(before);
          if (isOne) assert.equal(sent.length, 1, "requests for scores were sent");
          for (const request of sent) assert.equal(request.query, query);
          assertSent(sent, documents);
        }),
    },
    {
      name: "scores each document once",
      run: () => onStage(subject, async ({ score }) => assertTrueScores(await score())),
    },
    {
      name: "scores a single document",
      run: () => onStage(subject, async ({ score }) => assertTrueScores(await score({ documents: alone }), alone)),
    },
    {
      name: "scores as many documents as one call may hold",
      run: () =>
        onStage(subject, async ({ score, scorer }) => {
          const { limits } = await scorer.profile(new AbortController().signal);
          const count = Math.min(limits.documentsPerCall ?? 200, 1000);
          const many = Array.from({ length: count }, (_, index) => `document ${index}`);
          assertTrueScores(await score({ documents: many }), many);
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
          const { emptyDocument = "" } = subject.upstream;
          const arriving = sent.map((text) => text || emptyDocument);
          const before = scoreRequests().length;
          assertTrueScores(await score({ documents: sent }), arriving);
          assertSent(scoreRequests().slice(before), arriving);
        }),
    },
    {
      name: "accepts every parameter a caller may give",
      run: () => onStage(subject, async ({ score }) => assertTrueScores(await score({ params: everyParameter }))),
    },
    {
      name: "keeps calls that run at the same time apart",
      run: () =>
        onStage(subject, async ({ score }) => {
          const [three, one] = await Promise.all([score(), score({ documents: alone })]);
          assertTrueScores(three);
          assertTrueScores(one, alone);
        }),
    },
  ];
}

const alone = ["alone"] as const;

export const everyParameter: Required<ScoreParams> = {
  truncate: false,
  truncationDirection: "left",
  rawScores: true,
  maxTokensPerDocument: 128,
  instruction: "prefer recent documents",
  relevantSpans: { threshold: 0.1, maxSpans: 3 },
};

/** Each document arrived once, and as it is. In several requests they may come in any order. */
function assertSent(requests: readonly ScoreRequest[], expected: readonly string[]): void {
  const arrived = requests.flatMap((request) => request.documents);
  const isOne = requests.length === 1;
  assert.deepEqual(isOne ? arrived : arrived.toSorted(), isOne ? expected : expected.toSorted());
}
