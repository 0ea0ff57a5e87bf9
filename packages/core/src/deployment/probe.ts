import { abortError, upstreamError } from "../upstream/upstream-error.ts";
import { DheeraError } from "../errors.ts";
import type { ModelRegistry } from "../routing/model-registry.ts";
import { checkScores } from "../upstream/check-scores.ts";
import { abortable } from "../lib/abortable.ts";

const patience = 30_000;

/** Scores one tiny pair at one deployment, past its admission: whoever checks wants to know about the server, not about its queue. @throws DheeraError */
export async function check(
  registry: ModelRegistry,
  deploymentId: string,
  signal: AbortSignal = AbortSignal.timeout(patience),
): Promise<void> {
  const deployment = registry.deployments().find(({ id }) => id === deploymentId);
  if (!deployment) throw new DheeraError("model_not_found", `no deployment has the id ${JSON.stringify(deploymentId)}`);
  if (signal.aborted) throw abortError(signal.reason);
  try {
    await abortable(Promise.resolve(deployment.profile()), signal);
    const result = await abortable(
      deployment.scorer.score({ query: "ready?", documents: ["ready"], params: {}, providerOptions: {}, signal }),
      signal,
    );
    checkScores(result, 1);
    deployment.health.succeeded();
  } catch (error) {
    throw DheeraError.from(upstreamError(error, deployment.provider, signal), { deployment: deployment.id });
  }
}
