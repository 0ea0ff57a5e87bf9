import { DheeraError } from "@dheera-ai/core";

import type { Owner } from "@dheera-ai/teams";

import type { GeneralSettings } from "../../config/config.ts";
import type { Caller } from "../caller.ts";
import type { Charge, RateCounter, Taken, Usage } from "./rate-counter.ts";

/**
 * Requests, documents and tokens a minute: of each key, of those it belongs to over all their keys, and over all callers. What has
 * been counted stays counted.
 */
export interface RateLimits {
  /**
   * Counts a request, before its body is read; undefined where no limit applies.
   * @throws DheeraError `rate_limited` when nothing can be counted
   */
  countRequest(caller: Caller): Verdict | Promise<Verdict> | undefined;
  /**
   * Counts documents of a request, before they are scored; undefined where no limit applies.
   * @throws DheeraError `invalid_request` for more than would ever fit, `rate_limited` when nothing can be counted
   */
  countDocuments(caller: Caller, documents: number): Verdict | Promise<Verdict> | undefined;
  /**
   * Counts as many tokens as a request probably has, before it is scored; undefined where no limit applies.
   * @param estimate is asked only where one does
   */
  countTokens(caller: Caller, estimate: () => number): CountedTokens | Promise<CountedTokens> | undefined;
}

/** Tokens that are counted, until it is known how many they were. */
export interface CountedTokens extends Verdict {
  /** Counts what the estimate lacked, also beyond the limit, or gives back what it had too much while its minute runs. */
  settle(tokens: number): void;
}

interface Verdict {
  /** `x-ratelimit-*`: what the caller has left. */
  readonly headers: Readonly<Record<string, string>>;
  /** Why the request is refused; then nothing was counted. */
  readonly refusal?: DheeraError;
}

export function createRateLimits(settings: GeneralSettings, counter: RateCounter): RateLimits {
  return {
    countRequest({ owners }) {
      const charges = chargesFor("requests", 1, owners, settings.rpm);
      return charges && count(charges, counter);
    },
    countDocuments({ owners }, documents) {
      if (documents === 0) return undefined;
      const charges = chargesFor("documents", documents, owners, settings.dpm);
      if (!charges) return undefined;
      checkThatTheyFit(charges);
      return count(charges, counter);
    },
    countTokens({ owners }, estimate) {
      if (!owners.some(({ limits }) => limits.tpm !== undefined)) return undefined;
      const estimated = estimate();
      const charges = owners.flatMap(({ limits: { tpm: limit }, ...owner }) =>
        // Nobody knows how many they are before they were counted: what looks too large for any minute gets one of its own.
        limit === undefined ? [] : [chargeOf("tokens", owner, Math.min(estimated, limit), limit)],
      );
      const opened = (taken: Taken): CountedTokens => {
        const now = performance.now();
        const open = charges.map((charge, at) => ({ ...charge, ends: now + (taken.usages[at]?.resetsIn ?? 0) }));
        return { ...verdictOf(charges, taken), settle: (tokens) => settle(open, tokens, counter) };
      };
      const taken = counter.take(charges);
      return taken instanceof Promise ? taken.then(opened, refuseUncounted) : opened(taken);
    },
  };
}

/** A charge that is corrected, and when its minute ends by `performance.now()`. */
interface OpenCharge extends Charge {
  readonly ends: number;
}

function settle(open: readonly OpenCharge[], tokens: number, counter: RateCounter): void {
  const now = performance.now();
  const corrections = open.flatMap(({ name, points, ends }) => {
    const lacking = tokens - points;
    // What belongs to a minute that is over must not enlarge the next one.
    return lacking > 0 || (lacking < 0 && now < ends)
      ? [{ name, points: lacking, limit: Number.MAX_SAFE_INTEGER }]
      : [];
  });
  const taken = corrections.length === 0 ? undefined : counter.take(corrections);
  // The answer is given; a counter that is away counts from what it knows.
  if (taken instanceof Promise) taken.catch(() => {});
}

function count(charges: readonly LimitCharge[], counter: RateCounter): Verdict | Promise<Verdict> {
  const taken = counter.take(charges);
  return taken instanceof Promise
    ? taken.then((settled) => verdictOf(charges, settled), refuseUncounted)
    : verdictOf(charges, taken);
}

/** Puts what is left into the headers of the answer. @throws DheeraError the refusal */
export function obey({ headers, refusal }: Verdict, answerHeaders: Record<string, string>): void {
  Object.assign(answerHeaders, headers);
  if (refusal) throw refusal;
}

function verdictOf(charges: readonly LimitCharge[], { fits, usages }: Taken): Verdict {
  const standings = charges.map((charge, position): Standing => Object.assign({}, charge, usages[position] ?? unused));
  const headers = headersOf(standings);
  if (fits) return { headers };
  const exceeded = standings
    .filter(({ used, points, limit: most }) => used + points > most)
    .toSorted((left, right) => right.resetsIn - left.resetsIn)[0];
  return exceeded ? { headers, refusal: refusalFor(exceeded) } : { headers };
}

function refuseUncounted(error: unknown): never {
  throw new DheeraError("rate_limited", "rate limits cannot be checked now; try again soon", {
    cause: error,
    retryAfter: 5,
  });
}

interface LimitCharge extends Charge {
  readonly unit: "requests" | "documents" | "tokens";
  /** In words: `the key search`. */
  readonly whose: string;
}

interface Standing extends LimitCharge, Usage {}

const unused: Usage = { used: 0, resetsIn: 0 };

/** Undefined where there is no limit, which is told without making anything. */
function chargesFor(
  unit: "requests" | "documents",
  points: number,
  owners: readonly Owner[],
  overall?: number,
): readonly LimitCharge[] | undefined {
  let charges: LimitCharge[] | undefined;
  if (overall !== undefined)
    charges = [{ name: `${unit}:all callers`, unit, whose: "this proxy", points, limit: overall }];
  for (const owner of owners) {
    const limit = unit === "requests" ? owner.limits.rpm : owner.limits.dpm;
    if (limit !== undefined) (charges ??= []).push(chargeOf(unit, owner, points, limit));
  }
  return charges;
}

function chargeOf(
  unit: LimitCharge["unit"],
  { kind, id, name }: Pick<Owner, "kind" | "id" | "name">,
  points: number,
  limit: number,
): LimitCharge {
  return { name: `${unit}:${kind} ${id}`, unit, whose: `the ${kind.replace("_", " ")} ${name}`, points, limit };
}

function checkThatTheyFit(charges: readonly LimitCharge[]): void {
  const tooBig = charges.find(({ points, limit }) => points > limit);
  if (tooBig)
    throw new DheeraError(
      "invalid_request",
      `documents: ${tooBig.points} documents are more than the ${tooBig.limit} a minute of ${tooBig.whose}; send them in several requests`,
      { param: "documents" },
    );
}

function refusalFor(standing: Standing): DheeraError {
  const retryAfter = Math.max(1, Math.ceil(standing.resetsIn / 1000));
  const what = `${standing.limit} ${standing.unit} a minute of ${standing.whose}`;
  return new DheeraError("rate_limited", `the ${what} are used up; try again in ${retryAfter} s`, { retryAfter });
}

function headersOf(standings: readonly Standing[]): Readonly<Record<string, string>> {
  // The tightest limit of each unit comes last, so its headers win.
  const sorted = standings.toSorted((left, right) => right.limit - right.used - (left.limit - left.used));
  return Object.assign(
    {},
    ...sorted.map(({ unit, limit: most, used, resetsIn }) => ({
      [`x-ratelimit-limit-${unit}`]: String(most),
      [`x-ratelimit-remaining-${unit}`]: String(Math.max(0, most - used)),
      [`x-ratelimit-reset-${unit}`]: String(Math.ceil(resetsIn / 1000)),
    })),
  );
}
