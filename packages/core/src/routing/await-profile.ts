import type { Profile } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import type { RequestContext } from "../dispatch/context.ts";
import { backoff, extraOverloadRetries } from "../dispatch/retry-schedule.ts";
import type { RetrySettings } from "../dispatch/score-task.ts";
import { abortable, sleep } from "../lib/waiting.ts";
import { upstreamError } from "../upstream/upstream-error.ts";

/**
 * The profile of a deployment that no other can replace: waits while it starts, and asks again after a pause when it
 * fails, as often as a call would be retried. `failedBefore`: this request has asked it already and got no profile.
 * @throws DheeraError
 */
export async function awaitProfile(
  deployment: Deployment,
  context: RequestContext,
  settings: RetrySettings,
  failedBefore: boolean,
): Promise<Profile> {
  const { signal, deadline } = context;
  const { warmUp } = deployment;
  const most = deployment.params.max_retries ?? settings.numRetries;
  if (failedBefore && !warmUp.isRunning) await sleep(backoff(1, settings.retryAfter), signal);
  for (let retries = failedBefore ? 1 : 0; ;) {
    try {
      if (warmUp.isRunning) await abortable(warmUp.start(), signal);
      return await deployment.loadProfile(signal, context);
    } catch (error) {
      const failure = upstreamError(error, deployment.provider, signal);
      if (!failure.retryable || failure.permanent || signal.aborted) throw failure;
      if (warmUp.isRunning) continue;
      const extra = failure.code === "provider_overloaded" && most > 0 ? extraOverloadRetries : 0;
      if (retries++ >= most + extra) throw failure;
      const milliseconds = backoff(retries, Math.max(settings.retryAfter, failure.retryAfter ?? 0));
      if (performance.now() + milliseconds > deadline) throw failure;
      await sleep(milliseconds, signal);
    }
  }
}
