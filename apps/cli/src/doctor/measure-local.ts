import { DheeraError } from "@dheera-ai/core";
import type { MeasuredSettings } from "@dheera-ai/local/tuning";

import { loadLocalTuning } from "../local/local-tuning.ts";
import type { Isolated } from "./isolate.ts";
import { passages, query } from "./workload.ts";

/** Milliseconds for all settings of one model. */
const mostMs = 30_000;

/**
 * What a model on this machine does with its settings and with others; undefined for models elsewhere.
 * @throws DheeraError
 */
export async function measureLocal(
  { entry, environment, directory }: Isolated,
  signal: AbortSignal,
): Promise<readonly MeasuredSettings[] | undefined> {
  const { model, ...params } = entry.dheera_ai_params;
  if (!model.startsWith(prefix)) return undefined;
  const tuning = await loadLocalTuning(directory);
  try {
    return await tuning?.measureSettings(model.slice(prefix.length), params, {
      environment,
      directory,
      query,
      documents: passages(documents),
      milliseconds: mostMs,
      signal,
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    // The deployment works all the same where there was too little time for this.
    if (signal.reason instanceof DOMException && signal.reason.name === "TimeoutError") return undefined;
    throw new DheeraError("cancelled", "the measurement was stopped", { cause: error });
  }
}

const prefix = "local/";
const documents = 32;
