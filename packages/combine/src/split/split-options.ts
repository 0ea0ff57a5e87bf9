import { DheeraError } from "@dheera-ai/core";

import type { Share } from "./choose-model.ts";

/** The keys of `dheera_ai_params` that a split reads. */
export const splitKeys: readonly string[] = ["split"];

const mostShares = 10;
/** Their sum stays a number, and no share is lost beside the largest. */
const largestShare = 1e6;

/** @throws DheeraError `invalid_request`, naming the key at fault */
export function parseSplit({ split }: Readonly<Record<string, unknown>>): readonly Share[] {
  // A schema of a map would leave out models whose names every object has, such as "constructor".
  const isMap = typeof split === "object" && split !== null && !Array.isArray(split);
  const entries: readonly (readonly [string, unknown])[] = isMap ? Object.entries(split) : [];
  if (entries.length < 2 || entries.length > mostShares)
    throw refusal("split", `must name 2 to ${mostShares} models with a share each: { a: 0.9, b: 0.1 }`);
  const shares = entries.map(([model, weight]) => ({ model, weight: shareOf(model, weight) }));
  if (shares.every(({ weight }) => weight === 0)) throw refusal("split", "must give one of the models a share above 0");
  return shares;
}

function shareOf(model: string, weight: unknown): number {
  if (typeof weight === "number" && weight >= 0 && weight <= largestShare) return weight;
  throw refusal(`split.${model}`, `must be a number from 0 to ${largestShare}: its share of the sessions`);
}

function refusal(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}
