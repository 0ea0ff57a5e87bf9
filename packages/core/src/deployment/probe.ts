import { DheeraError } from "../errors.ts";
import { abortable } from "../lib/waiting.ts";
import { checkResult } from "../provider/check-result.ts";
import { abortError, upstreamError } from "../upstream/upstream-error.ts";
import type { Deployment } from "./deployment.ts";
import { probeCall } from "./warm-up.ts";

const probeTimeoutMs = 30_000;

/**
 * Scores one tiny pair at one deployment, past its admission: a probe asks about the server, not about the queue before
 * it.
 * @throws DheeraError
 */
export async function probe(
  deployment: Deployment,
  signal: AbortSignal = AbortSignal.timeout(probeTimeoutMs),
): Promise<void> {
  if (signal.aborted) throw abortError(signal.reason);
  try {
    await deployment.loadProfile(signal);
    checkResult(await abortable(deployment.scorer.score(probeCall(signal)), signal), 1, deployment.provider);
    deployment.health.succeeded();
  } catch (error) {
    throw DheeraError.from(upstreamError(error, deployment.provider, signal), { deployment: deployment.id });
  }
}
