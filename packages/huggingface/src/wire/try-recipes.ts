import type { DheeraError, ScoreCall } from "@dheera-ai/core";

import type { Endpoint } from "../endpoint/endpoint.ts";
import { notServedMessage } from "../errors/advice.ts";
import { providerError } from "../errors/provider-error.ts";
import { isAbsent } from "../errors/read-refusal.ts";
import type { Refusal } from "../errors/refusal.ts";
import { type CallOutcome, type CallRecipe, sendCall } from "./call-recipe.ts";
import type { HttpClient } from "./http-client.ts";

/** The recipe that the server takes, and the outcome of the call. */
export interface Trial {
  readonly recipe: CallRecipe;
  readonly outcome: CallOutcome;
}

/**
 * Sends one call by each recipe until the server takes one: it gives scores, or refuses these very documents.
 * @throws DheeraError when the server as a whole refuses, or takes no recipe.
 */
export async function tryRecipes(
  recipes: readonly CallRecipe[],
  client: HttpClient,
  endpoint: Endpoint,
  call: ScoreCall,
): Promise<Trial> {
  const refusals: Refusal[] = [];
  const absent = new Set<string>();
  for (const recipe of recipes) {
    if (absent.has(recipe.url)) continue;
    const outcome = await sendCall(recipe, client, endpoint, call);
    if ("result" in outcome || outcome.refusal.about === "documents") return { recipe, outcome };
    const { refusal } = outcome;
    if (refusal.about === "server") throw refusal.error;
    // No other recipe with the same address can work.
    if (isAbsent(refusal.status)) absent.add(recipe.url);
    refusals.push(refusal);
  }
  throw noRecipeWorked(refusals, endpoint);
}

function noRecipeWorked(refusals: readonly Refusal[], { kind, model }: Endpoint): DheeraError {
  const specific = refusals.find((refusal) => refusal.about === "recipe" && !isAbsent(refusal.status));
  if (specific) return specific.error;
  const statuses = refusals.map(({ status }) => status).join(", ");
  const message =
    kind === "serverless"
      ? notServedMessage(model)
      : "no way to rerank was found at api_base; check the address, or name what runs there with `server`";
  const permanent = refusals.every(({ status }) => isAbsent(status));
  return providerError("provider_failed", `${message} (HTTP ${statuses})`, { permanent });
}
