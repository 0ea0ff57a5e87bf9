import type { ModelEntry } from "@dheera-ai/core";
import { whyNoShadow } from "dheera-ai";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { ConfigError } from "../../config/config-error.ts";

/**
 * Second models must be configured, and others than the first.
 * @param models every model name, aliases included
 * @throws ConfigError naming every entry whose `shadow` cannot be
 */
export function checkShadows(entries: readonly ModelEntry[], models: readonly string[], locate: LocateProblem): void {
  const problems = entries.flatMap(({ model_name: name, dheera_ai_params: { shadow } }, position) => {
    const refusal = shadow && whyNoShadow(name, shadow.model, models);
    return refusal === undefined ? [] : [locate(position, `shadow.model: ${refusal}`)];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}
