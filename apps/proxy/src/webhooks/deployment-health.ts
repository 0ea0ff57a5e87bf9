import type { Dheera } from "@dheera-ai/core";
import type { DeploymentHealth } from "@dheera-ai/teams";

import type { HealthChecks } from "../gateway/health/health-checks.ts";

/** Deployments as this process finds them: by requests, and by background checks where there are any. */
export function deploymentHealth(
  dheera: Pick<Dheera, "deployments">,
  health: Pick<HealthChecks, "found">,
): readonly DeploymentHealth[] {
  const checked = health.found();
  return dheera.deployments().map(({ id, modelName, provider, state, lastError }) => {
    const isHealthy = checked.get(id);
    const isDown = state === "cooling" || isHealthy === false;
    const isUp = lastError === undefined && (state === "healthy" || isHealthy === true);
    return { id, modelName, provider, state: isDown ? "down" : isUp ? "up" : "unknown", reason: lastError };
  });
}
