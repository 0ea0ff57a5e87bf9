import type { DeploymentStatus } from "@dheera-ai/core";

import type { ConfiguredModel } from "../../config/config.ts";

/** A deployment and the entry of the configuration that it was made from. */
export interface PairedDeployment {
  readonly status: DeploymentStatus;
  readonly entry: ConfiguredModel;
}

/** Core keeps the order of the entries within each model name. */
export function pairDeployments(
  entries: readonly ConfiguredModel[],
  statuses: readonly DeploymentStatus[],
): readonly PairedDeployment[] {
  const byName = Map.groupBy(statuses, ({ modelName }) => modelName);
  return entries.flatMap((entry) => {
    const status = byName.get(entry.model_name)?.shift();
    return status ? [{ status, entry }] : [];
  });
}
