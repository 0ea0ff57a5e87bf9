import { DheeraError } from "@dheera-ai/core";

import type { GeneralSettings } from "../../config/config.ts";
import type { Caller } from "../check-key.ts";
import type { Charge, RateCounter, Taken, Usage } from "./rate-counter.ts";

/** Requests and documents a minute: of each key, and over all callers. What has been counted stays counted. */
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
}

interface Verdict {
  /** `x-ratelimit-*`: what the caller has left. */
  readonly headers: Readonly<Record<string, string>>;
  /** Why the request is refused; then nothing was counted. */
  readonly refusal?: DheeraError;
}

export function createRateLimits(settings: GeneralSettings, counter: RateCounter): RateLimits {
  return {
    countRequest({ name, key }) {
      if ((settings.rpm ?? key?.rpm) === undefined) return undefined;
      return count(
        [...chargeFor("requests", allCallers, 1, settings.rpm), ...chargeFor("requests", `key ${name}`, 1, key?.rpm)],
        counter,
      );
    },
    countDocuments({ name, key }, documents) {
      if (documents === 0 || (settings.dpm ?? key?.dpm) === undefined) return undefined;
      const charges = [
        ...chargeFor("documents", allCallers, documents, settings.dpm),
        ...chargeFor("documents", `key ${name}`, documents, key?.dpm),
      ];
      checkThatTheyFit(charges);
      return count(charges, counter);
    },
  };
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
  readonly unit: "requests" | "documents";
  readonly whose: string;
}

interface Standing extends LimitCharge, Usage {}

const unused: Usage = { used: 0, resetsIn: 0 };

const allCallers = "all callers";

function chargeFor(
  unit: LimitCharge["unit"],
  whose: string,
  points: number,
  most: number | undefined,
): readonly LimitCharge[] {
  return most === undefined ? [] : [{ name: `${unit}:${whose}`, unit, whose, points, limit: most }];
}

function checkThatTheyFit(charges: readonly LimitCharge[]): void {
  const tooBig = charges.find(({ points, limit }) => points > limit);
  if (tooBig)
    throw new DheeraError(
      "invalid_request",
      `documents: ${tooBig.points} documents are more than the ${tooBig.limit} a minute of ${describeOwner(tooBig)}; send them in several requests`,
      { param: "documents" },
    );
}

function refusalFor(standing: Standing): DheeraError {
  const retryAfter = Math.max(1, Math.ceil(standing.resetsIn / 1000));
  const what = `${standing.limit} ${standing.unit} a minute of ${describeOwner(standing)}`;
  return new DheeraError("rate_limited", `the ${what} are used up; try again in ${retryAfter} s`, { retryAfter });
}

function describeOwner({ whose }: LimitCharge): string {
  return whose === allCallers ? "this proxy" : `the ${whose}`;
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
