import { askProfile } from "./ask-profile.ts";
import { backoff } from "../dispatch/backoff.ts";
import type { CallSettings } from "../dispatch/dispatch.ts";
import type { RequestContext } from "../dispatch/context.ts";
import type { Profile } from "../contract.ts";
import type { Deployment } from "./deployment.ts";
import { sleep, abortable } from "../lib/abortable.ts";
import { upstreamError } from "../upstream/upstream-error.ts";
import { extraOverloadRetries } from "../dispatch/retry-schedule.ts";

/**
 * The profile of a deployment that nobody can stand in for: waits while it starts, and asks again after a pause when it fails, as often as a
 * call would be retried. `failedBefore`: this request has asked it already, in vain.
 * @throws DheeraError
 */
export async function awaitProfile(
  deployment: Deployment,
  { signal, deadline }: RequestContext,
  settings: CallSettings,
  failedBefore: boolean,
): Promise<Profile> {
  const most = deployment.params.max_retries ?? settings.numRetries;
  if (failedBefore && !deployment.warmUp.isRunning) await sleep(backoff(1, settings.retryAfter), signal);
  for (let retries = failedBefore ? 1 : 0; ;) {
    try {
      if (deployment.warmUp.isRunning) await abortable(deployment.warmUp.wake(undefined), signal);
      return await askProfile(deployment, signal);
    } catch (error) {
      const failure = upstreamError(error, deployment.provider, signal);
      if (!failure.retryable || signal.aborted) throw failure;
      if (deployment.warmUp.isRunning) continue;
      const extra = failure.code === "provider_overloaded" && most > 0 ? extraOverloadRetries : 0;
      if (retries++ >= most + extra) throw failure;
      const milliseconds = backoff(retries, Math.max(settings.retryAfter, failure.retryAfter ?? 0));
      if (Date.now() + milliseconds > deadline) throw failure;
      await sleep(milliseconds, signal);
    }
  }
}
