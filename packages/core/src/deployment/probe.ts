import { DheeraError } from "../errors.ts";
import { abortable } from "../lib/waiting.ts";
import { checkResult } from "../provider/check-result.ts";
import { abortError, upstreamError } from "../upstream/upstream-error.ts";
import type { Deployment } from "./deployment.ts";
import { probeCall } from "./warm-up.ts";

const probeTimeoutMs = 30_000;

/** What a check of deployments may do. */
export interface CheckOptions {
  /** Only what can be told without calling a server or starting anything; nothing where that is nothing. */
  readonly withoutCalls?: boolean | undefined;
  /** Only whether it says what it is, which no upstream bills: afterwards its status has the profile, with the price. */
  readonly onlyProfile?: boolean | undefined;
}

/**
 * Scores one tiny pair at one deployment, or asks a provider that can tell without. Past its admission: a probe asks about
 * the server, not about the queue before it.
 * @throws DheeraError
 */
export async function probe(
  deployment: Deployment,
  signal: AbortSignal = AbortSignal.timeout(probeTimeoutMs),
  { withoutCalls = false, onlyProfile = false }: CheckOptions = {},
): Promise<void> {
  if (signal.aborted) throw abortError(signal.reason);
  const { scorer } = deployment;
  try {
    if (withoutCalls) return await (scorer.check && abortable(scorer.check(signal), signal));
    await deployment.loadProfile(signal);
    if (onlyProfile) return;
    if (scorer.check) await abortable(scorer.check(signal), signal);
    else checkResult(await abortable(scorer.score(probeCall(signal)), signal), 1, deployment.provider);
    deployment.health.succeeded();
  } catch (error) {
    throw DheeraError.from(upstreamError(error, deployment.provider, signal), { deployment: deployment.id });
  }
}
