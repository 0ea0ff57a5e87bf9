import {
  DheeraError,
  type Provider,
  readScores,
  type ScoreCall,
  type ScoreKind,
  type Scorer,
  type ScoreResult,
  type Target,
} from "@dheera-ai/core";

import { type Environment, findKey } from "./find-key.ts";
import { parseOptions } from "./parse-options.ts";
import { findPlace } from "./place.ts";
import { readFacts } from "./read-facts.ts";
import { requestBody, warningsFor } from "./request-body.ts";

export interface CohereOptions {
  /** Where `CO_API_KEY` and `COHERE_API_KEY` are looked up; the process environment when absent. */
  readonly environment?: Environment;
}

/** Cohere's rerank models, and every server that answers `POST …/rerank` in Cohere's shape: Dheera AI proxies, gateways, self-hosted models. */
export function cohere({ environment = processEnvironment() }: CohereOptions = {}): Provider {
  return { name: "cohere", connect: (target) => connect(target, environment) };
}

/** Cohere's own cap; a lower one of another server is set as `max_documents_per_call`, or learned. */
const documentsPerCall = 10_000;

function connect(target: Target, environment: Environment): Scorer {
  const place = findPlace(target.apiBase);
  const { scoring } = parseOptions(target.options);
  const key = findKey(target.apiKey, place, environment);
  let scoreKind: ScoreKind = place.isCohere ? "probability" : "unknown";

  async function score({ query, documents, params, signal }: ScoreCall): Promise<ScoreResult> {
    if (place.isCohere && key === undefined)
      throw new DheeraError(
        "provider_auth",
        "there is no key for Cohere; set CO_API_KEY, or api_key of this deployment",
        {
          provider: "cohere",
        },
      );
    const answer: unknown = await target.http.json(place.url, {
      method: "POST",
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      body: requestBody(target.model, query, documents, params, place),
      signal,
    });

    const facts = readFacts(answer);
    if (!facts.reranked)
      throw new DheeraError("provider_failed", "the upstream could not rank and answered in the order it was sent", {
        provider: "cohere",
      });
    if (facts.scoreKind !== undefined && !params.rawScores) scoreKind = facts.scoreKind;
    return {
      scores: readScores(answer),
      warnings: [...warningsFor(params, place), ...facts.warnings],
      ...(facts.tokens !== undefined && { usage: { inputTokens: facts.tokens } }),
      ...(facts.scoreKind !== undefined && { scoreKind: facts.scoreKind }),
    };
  }

  return {
    profile: () => ({
      scoring,
      scoreKind,
      billing: "per-search",
      fingerprint: `cohere ${place.url} ${target.model}`,
      limits: { documentsPerCall },
    }),
    score,
  };
}

/** Runtimes without `process` have no environment. */
function processEnvironment(): Environment {
  return typeof process === "undefined" ? {} : process.env;
}
