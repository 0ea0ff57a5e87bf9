import type { Profile } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { costOf, searchUnitsOf } from "../dispatch/billed.ts";
import { estimateTokens } from "../plan/estimate-tokens.ts";
import type { CheckedRequest } from "../request/parse-request.ts";

/** The size of a request, by which `cost-based-routing` compares prices. */
export interface Workload {
  readonly documents: number;
  /** Estimated: of all documents, and of the query once for each. */
  readonly tokens: number;
}

export function workloadOf({ query, texts }: Pick<CheckedRequest, "query" | "texts">): Workload {
  const ofQuery = estimateTokens(query);
  const tokens = texts.reduce((total, text) => total + ofQuery + estimateTokens(text), 0);
  return { documents: texts.length, tokens };
}

/** Those of the lowest cost. Of an unknown price only where no other is known. */
export function cheapest(deployments: readonly Deployment[], workload: Workload): readonly Deployment[] {
  const costs = deployments.map(({ knownProfile }) => expectedCost(knownProfile, workload));
  const lowest = Math.min(...costs);
  return deployments.filter((_, position) => costs[position] === lowest);
}

/** Above every price, and below what cannot serve at all. */
const unknown = Number.MAX_VALUE;

/** US dollars; servers of people's own without a price are free. */
export function expectedCost(profile: Profile | undefined, { documents, tokens }: Workload): number {
  if (!profile) return unknown;
  const { scoring, billing, price, limits } = profile;
  const { documentsPerCall: most = Infinity, documentsPerRequest: ofRequest = Infinity } = limits;
  if (documents > (scoring === "listwise" ? Math.min(most, ofRequest) : ofRequest)) return Infinity;
  if (!price) return billing === "compute" ? 0 : unknown;
  const calls = Math.max(1, Math.ceil(documents / most));
  const searchUnits = calls * searchUnitsOf(documents / calls);
  return costOf({ searchUnits, inputTokens: tokens }, price) ?? unknown;
}
