import { type Dheera, isDheeraError, isWildcard } from "@dheera-ai/core";

import type { ConfigProblem } from "../../config/config-error.ts";
import type { ConfiguredModel } from "../../config/config.ts";
import { pairDeployments } from "./pair-deployments.ts";

/** Files are looked at for so many milliseconds at most. */
const timeoutMs = 5_000;

/**
 * What deployments lack that is not a matter of a server, such as a model's files on this machine: a warning for each.
 * Each request looks again, so that what is put there serves without a restart.
 */
export async function findLacking(
  dheera: Dheera,
  served: readonly ConfiguredModel[],
  place: (entry: ConfiguredModel, message: string) => ConfigProblem,
): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const checked = pairDeployments(served, dheera.deployments()).map(async ({ status, entry }) => {
    if (isWildcard(status.modelName)) return [];
    try {
      await dheera.check(status.id, signal, { withoutCalls: true });
      return [];
    } catch (error) {
      if (!isDheeraError(error) || error.code === "timeout") return [];
      const { file, line } = place(entry, error.message);
      return [`${file}:${line} ${status.modelName} cannot serve now: ${error.message}`];
    }
  });
  return (await Promise.all(checked)).flat();
}
