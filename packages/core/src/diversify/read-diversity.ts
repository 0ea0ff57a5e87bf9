import * as v from "valibot";

import { DheeraError } from "../errors.ts";
import type { DiversifyOptions } from "../request/api.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { diversifySchema, noDiversity } from "../request/request-schema.ts";
import type { NormalizedScores } from "../response/normalize.ts";
import type { Diversity } from "./diversity.ts";

const defaultLambda = 0.7;

/**
 * Undefined where nothing is to be changed: none is asked for, or relevance alone. A request's `null` is none, whatever the
 * entry says; what a combined model asks for is diversified at its end, once.
 */
export function diversityOf(
  { part, diversify: asked }: CheckedRequest,
  own: DiversifyOptions | undefined,
): Diversity | undefined {
  const options = asked === undefined ? own : asked;
  if (!options || part) return undefined;
  const lambda = options.lambda ?? defaultLambda;
  return lambda === 1 ? undefined : { lambda };
}

/** The best `top_n` of a ranking by relevance and difference. What that takes is loaded when it is first asked for. */
export async function diversify(
  diversity: Diversity,
  ranked: readonly number[],
  { scores }: NormalizedScores,
  { texts, topN }: CheckedRequest,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { diversified } = await import("./diversified.ts");
  return diversified(diversity, ranked, scores, texts, topN, signal);
}

/** The `diversify` of an entry. @throws DheeraError `invalid_request`, naming the key at fault */
export function readDiversify(value: unknown): DiversifyOptions | undefined {
  if (value === undefined || value === null) return undefined;
  const read = v.safeParse(diversifySchema, value);
  if (read.success && !Array.isArray(value)) return read.output;
  const [issue] = read.issues ?? [];
  const param = ["diversify", (issue && v.getDotPath(issue)) ?? []].flat().join(".");
  throw new DheeraError("invalid_request", `${param}: ${issue?.message ?? noDiversity}`, { param });
}
