import { DheeraError } from "@dheera-ai/core";

import type { GeneralSettings } from "../../config/config.ts";
import type { Caller } from "../check-key.ts";
import type { RateCounter, Usage } from "./rate-counter.ts";

/** Requests and documents a minute: of each key, and over all callers. */
export interface RateLimits {
  /**
   * Counts a request; undefined where no limit applies.
   * @throws DheeraError `invalid_request` for one that would never fit, `rate_limited` when nothing can be counted
   */
  spend(caller: Caller, documents: number): Promise<Verdict> | undefined;
}

interface Verdict {
  /** `x-ratelimit-*`: what the caller has left. */
  readonly headers: Readonly<Record<string, string>>;
  /** Why the request is refused; a refused request is not counted. */
  readonly refusal?: DheeraError;
}

export function createRateLimits(settings: GeneralSettings, counter: RateCounter): RateLimits {
  return {
    spend(caller, documents) {
      const { key } = caller;
      if ((settings.rpm ?? settings.dpm ?? key?.rpm ?? key?.dpm) === undefined) return undefined;
      return spend(chargesOf(settings, caller, documents), counter);
    },
  };
}

async function spend(charges: readonly Charge[], counter: RateCounter): Promise<Verdict> {
  checkThatTheyFit(charges);
  const usages = await Promise.all(charges.map((charge) => counter.add(charge.name, charge.points))).catch(
    (error: unknown) => {
      throw new DheeraError("rate_limited", "rate limits cannot be checked now; try again soon", {
        cause: error,
        retryAfter: 5,
      });
    },
  );
  const standings: readonly Standing[] = charges.map((charge, position) =>
    Object.assign(charge, usages[position] ?? unused),
  );
  const exceeded = standings
    .filter(({ used, limit }) => used > limit)
    .toSorted((left, right) => right.resetsIn - left.resetsIn)[0];
  if (!exceeded) return { headers: headersOf(standings) };
  for (const standing of standings) {
    counter.giveBack(standing.name, standing.points);
    standing.used -= standing.points;
  }
  return { headers: headersOf(standings), refusal: refusalFor(exceeded) };
}

interface Charge {
  /** The name under which the store counts it. */
  readonly name: string;
  readonly unit: "requests" | "documents";
  readonly whose: string;
  readonly points: number;
  readonly limit: number;
}

interface Standing extends Charge {
  used: number;
  readonly resetsIn: number;
}

const unused: Usage = { used: 0, resetsIn: 0 };

function chargesOf(settings: GeneralSettings, { name, key }: Caller, documents: number): readonly Charge[] {
  const charge = (whose: string, unit: Charge["unit"], points: number, limit: number | undefined): readonly Charge[] =>
    limit === undefined || points === 0 ? [] : [{ name: `${unit}:${whose}`, unit, whose, points, limit }];
  return [
    ...charge("all callers", "requests", 1, settings.rpm),
    ...charge("all callers", "documents", documents, settings.dpm),
    ...charge(`key ${name}`, "requests", 1, key?.rpm),
    ...charge(`key ${name}`, "documents", documents, key?.dpm),
  ];
}

function checkThatTheyFit(charges: readonly Charge[]): void {
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
  const limit = `${standing.limit} ${standing.unit} a minute of ${describeOwner(standing)}`;
  return new DheeraError("rate_limited", `the ${limit} are used up; try again in ${retryAfter} s`, { retryAfter });
}

function describeOwner({ whose }: Charge): string {
  return whose === "all callers" ? "this proxy" : `the ${whose}`;
}

function headersOf(standings: readonly Standing[]): Readonly<Record<string, string>> {
  // The tightest limit of each unit comes last, so its headers win.
  const sorted = standings.toSorted((left, right) => right.limit - right.used - (left.limit - left.used));
  return Object.assign(
    {},
    ...sorted.map(({ unit, limit, used, resetsIn }) => ({
      [`x-ratelimit-limit-${unit}`]: String(limit),
      [`x-ratelimit-remaining-${unit}`]: String(Math.max(0, limit - used)),
      [`x-ratelimit-reset-${unit}`]: String(Math.ceil(resetsIn / 1000)),
    })),
  );
}
