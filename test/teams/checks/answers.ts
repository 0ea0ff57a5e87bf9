import type { Attempt } from "../clients.ts";
import { type Record, bound, firstOf, timesOf, wasAway } from "./record.ts";

export interface Answers {
  readonly problems: readonly string[];
  /** How many there were of each kind. */
  readonly counts: Readonly<{ [kind: string]: number }>;
  /** Milliseconds that the longest took. */
  readonly longest: number;
}

/** Milliseconds for which answers may still speak of a database that is back: a statement was on its way. */
const echo = 3_000;

/** Rankings are right; refusals have a reason that is there; connections break only with their proxy; nothing hangs. */
export function checkAnswers(record: Record): Answers {
  const counts: { [kind: string]: number } = {};
  const odd: string[] = [];
  let longest = 0;
  for (const attempt of record.attempts) {
    const { outcome } = attempt;
    const name = outcome.kind === "answered" ? [outcome.status, outcome.code].filter(Boolean).join(" ") : outcome.kind;
    counts[name] = (counts[name] ?? 0) + 1;
    longest = Math.max(longest, attempt.ended - attempt.begun);
    const why = whyOdd(attempt, record);
    if (why !== undefined) odd.push(`${attempt.id} of ${attempt.key.name}: ${name} ${why}`);
  }
  return { problems: firstOf("an answer is not as it may be", odd), counts, longest };
}

/** @returns undefined for an answer that may be given */
function whyOdd(attempt: Attempt, record: Record): string | undefined {
  const { outcome, life } = attempt;
  if (outcome.kind === "hung") return "without an answer";
  if (outcome.kind === "broken") return life.killedAt === undefined ? outcome.reason : undefined;
  const { status, code, says = "" } = outcome;
  if (status === 200) return says === "" ? undefined : `with the wrong ranking ${says}`;
  const may = allowed[`${status} ${code}`];
  if (may === undefined) return "is no answer that the docs name here";
  return may(attempt, record) ? undefined : `without its reason: ${says} (${timesOf(attempt, record)})`;
}

type May = (attempt: Attempt, record: Record) => boolean;

const allowed: Readonly<{ [answer: string]: May | undefined }> = {
  "401 unauthenticated": ({ text, ended }) => ended >= text.endSent,
  "403 forbidden": ({ key, begun, ended }, { blocks, outages }) =>
    blocks.some(
      ({ owner, sent, unblocked }) =>
        key.chain.includes(owner) &&
        ended >= sent &&
        (begun <= unblocked + bound || wasAway(outages, unblocked - bound, begun)),
    ),
  "429 budget_exceeded": ({ key }) => key.chain.some(({ max }) => max !== undefined),
  "429 rate_limited": ({ key }) => key.rpm !== undefined,
  "503 unavailable": ({ begun, ended }, { outages }) => wasAway(outages, begun - echo, ended),
  "502 provider_failed": ofUpstream,
  "503 provider_overloaded": ofUpstream,
  "503 provider_starting": ofUpstream,
};

function ofUpstream(_attempt: Attempt, { refusedByUpstream }: Record): boolean {
  return refusedByUpstream > 0;
}
