import { DheeraError, type ScoreCall } from "@dheera-ai/core";

import { notServedMessage } from "../errors/advice.ts";
import type { Line } from "./http-client.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { providerName } from "../errors/provider-error.ts";
import type { Refusal } from "../errors/read-refusal.ts";
import { askRoute, type Outcome, type Route } from "./call-recipe.ts";

/** The route that took the call, and what came of it. */
export interface Trial {
  readonly route: Route;
  readonly outcome: Outcome;
}

/**
 * Sends one call along each route until one takes it: gives scores, or refuses these very documents.
 * @throws DheeraError when the server as a whole refuses, or no route takes it.
 */
export async function tryRoutes(routes: readonly Route[], line: Line, place: Place, call: ScoreCall): Promise<Trial> {
  const refusals: Refusal[] = [];
  const absent = new Set<string>();
  for (const route of routes) {
    if (absent.has(route.url)) continue;
    const outcome = await askRoute(route, line, place, call);
    if ("result" in outcome || outcome.refusal.about === "documents") return { route, outcome };
    const { refusal } = outcome;
    if (refusal.about === "server") throw refusal.error;
    if (isAbsent(refusal)) absent.add(route.url);
    refusals.push(refusal);
  }
  throw nothingWorked(refusals, place);
}

/** Nothing is at this address at all, so that asking it in another way is no use. */
function isAbsent({ status }: Refusal): boolean {
  return status === 404 || status === 405;
}

function nothingWorked(refusals: readonly Refusal[], { kind, model }: Place): DheeraError {
  const telling = refusals.find((refusal) => refusal.about === "route" && !isAbsent(refusal));
  if (telling) return telling.error;
  const statuses = refusals.map(({ status }) => status).join(", ");
  const message =
    kind === "serverless"
      ? notServedMessage(model)
      : "no way to rerank was found at api_base; check the address, or name what runs there with `server`";
  return new DheeraError("provider_failed", `${providerName}: ${message} (HTTP ${statuses})`, {
    provider: providerName,
  });
}
