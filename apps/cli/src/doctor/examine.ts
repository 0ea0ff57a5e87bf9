import { DheeraError, type DeploymentStatus, type Profile, isDheeraError } from "@dheera-ai/core";

import { compareScores } from "./compare-scores.ts";
import type { Examination, ExaminedDeployment, Reached, Unreached } from "./examination.ts";
import type { Isolated } from "./isolate.ts";
import { measureLocal } from "./measure-local.ts";
import { measureThroughput } from "./measure-throughput.ts";
import { type Findings, recommend } from "./recommend.ts";
import { query } from "./workload.ts";

/** Asks one deployment for a score, then for many, and returns what was found. @throws DheeraError `cancelled` only */
export async function examine(isolated: Isolated, signal: AbortSignal): Promise<Examination> {
  const [deployment] = isolated.gateway.dheera.deployments();
  if (!deployment) return unserved(isolated);
  try {
    return await examineServed({ ...isolated, deployment }, signal);
  } catch (error) {
    if (!isDheeraError(error) || error.code === "cancelled") throw error;
    return unreached(identify(isolated, deployment.id), error);
  }
}

interface Served extends Isolated {
  readonly deployment: DeploymentStatus;
}

async function examineServed(served: Served, signal: AbortSignal): Promise<Reached> {
  const { dheera } = served.gateway;
  const { model_name: model } = served.entry;
  const start = performance.now();
  const state = await askFirst(served, signal);
  const firstAnswer = performance.now() - start;
  const profile = learnedProfile(served);
  // Where each search costs money, one request is enough to know that the deployment works.
  const isFree = profile.billing !== "per-search";
  const throughput = isFree ? await measureThroughput(dheera, model, signal) : [];
  const settings = await measureLocal(served, signal);
  const found: Findings = {
    ...identify(served, served.deployment.id),
    reachable: true,
    state,
    auth: served.entry.dheera_ai_params.api_key === undefined ? "none" : "accepted",
    ...(profile.server !== undefined && { server: profile.server }),
    scoring: profile.scoring,
    billing: profile.billing,
    score_kind: profile.scoreKind,
    fingerprint: profile.fingerprint,
    limits: describeLimits(profile),
    first_answer_ms: Math.round(firstAnswer),
    throughput,
    ...(isFree && { score_difference: await compareScores(dheera, model, profile.scoring, signal) }),
    ...(settings && { settings }),
    warnings: profile.warnings ?? [],
  };
  return { ...found, recommendations: recommend(found) };
}

/**
 * Asks for the first score. Waits for a server that is still starting, because its limits and its speed can be measured
 * only afterwards.
 */
async function askFirst({ gateway: { dheera }, deployment }: Served, signal: AbortSignal): Promise<Reached["state"]> {
  try {
    await dheera.check(deployment.id, signal);
    return "warm";
  } catch (error) {
    if (!isDheeraError(error) || error.code !== "provider_starting") throw error;
    await dheera.rerank({ model: deployment.modelName, query, documents: ["ready"] }, { signal });
    return "cold";
  }
}

function learnedProfile({ gateway, deployment: { id } }: Served): Profile {
  const status = gateway.dheera.deployments().find((deployment) => deployment.id === id);
  if (!status?.profile) throw new Error(`the deployment ${id} answered but has no profile`);
  return status.profile;
}

function identify({ entry }: Isolated, deployment: string): ExaminedDeployment {
  const { model, api_base } = entry.dheera_ai_params;
  return { model_name: entry.model_name, deployment, model, ...(api_base !== undefined && { api_base }) };
}

function unserved(isolated: Isolated): Unreached {
  const { model_name } = isolated.entry;
  const reason = isolated.gateway.unserved.get(model_name) ?? `the model ${model_name} is not served`;
  return unreached(identify(isolated, model_name), new DheeraError("model_not_found", reason));
}

function unreached(deployment: ExaminedDeployment, { code, message }: DheeraError): Unreached {
  return {
    ...deployment,
    reachable: false,
    auth: code === "provider_auth" ? "refused" : "unknown",
    error: { code, message },
  };
}

function describeLimits({ limits }: Profile): Reached["limits"] {
  const { documentsPerCall, bytesPerCall, tokensPerDocument, documentsInFlight } = limits;
  return {
    ...(documentsPerCall !== undefined && { documents_per_call: documentsPerCall }),
    ...(bytesPerCall !== undefined && { bytes_per_call: bytesPerCall }),
    ...(tokensPerDocument !== undefined && { tokens_per_document: tokensPerDocument }),
    ...(documentsInFlight !== undefined && { documents_in_flight: documentsInFlight }),
  };
}
