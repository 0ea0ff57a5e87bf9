import assert from "node:assert/strict";

import type { DheeraError, ErrorCode } from "../../errors.ts";
import { documents, keyOf, query, tokenOf, trueScores } from "../stage.ts";
import type { ProviderSubject } from "../subject.ts";

/** One promise of the contract: a sentence, and what proves it. `run` rejects when the promise is broken. */
export interface Check {
  readonly name: string;
  run(): Promise<void>;
}

/** Fails unless the error has one of these codes; says what it has instead. */
export function assertCode(failure: DheeraError, ...allowed: readonly ErrorCode[]): void {
  assert.ok(
    allowed.includes(failure.code),
    `${allowed.join(" or ")} expected, not ${failure.code}: ${failure.message}`,
  );
}

/** Fails when a message holds what only the caller and the upstream may know. */
export function assertNoSecret(subject: ProviderSubject, message: string): void {
  for (const secret of [keyOf(subject), tokenOf(1), query, ...documents])
    assert.ok(!message.includes(secret), `a message repeats "${secret}": ${message}`);
}

/** Fails unless each document has the score that the upstream gave it. */
export function assertTrueScores(scores: Float64Array, texts: readonly string[] = documents): void {
  assert.equal(scores.length, texts.length, "scores came back");
  for (const [index, { score }] of trueScores(texts).entries())
    assert.ok(Math.abs((scores[index] ?? Number.NaN) - score) < 1e-6, `document ${index} has another document's score`);
}
