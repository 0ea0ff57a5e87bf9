import { dirname } from "node:path";

import type { Gateway, LoadedConfig } from "@dheera-ai/proxy";

import { connectConfiguration } from "../configuration.ts";
import type { Terminal } from "../terminal.ts";

/** One entry of a configuration on its own. */
export interface Isolated {
  readonly entry: LoadedConfig["config"]["model_list"][number];
  /**
   * Serves this entry alone, without cache, retries, cooldowns or fallbacks, so that no other deployment answers in its
   * place.
   */
  readonly gateway: Gateway;
  readonly environment: Terminal["environment"];
  /** The folder of the configuration. */
  readonly directory: string;
}

/** Connects the entry at this position of `model_list` by itself; calls no upstream. @throws WrongConfiguration */
export async function isolate(
  loaded: LoadedConfig,
  position: number,
  environment: Terminal["environment"],
): Promise<Isolated> {
  const [entry] = loaded.config.model_list.slice(position, position + 1);
  if (!entry) throw new RangeError(`model_list has no entry ${position}`);
  const { ssl_verify, ssl_certificate, ssl_key } = loaded.config.dheera_ai_settings;
  const config = {
    ...loaded.config,
    model_list: [entry],
    router_settings: { num_retries: 0, disable_cooldowns: true },
    dheera_ai_settings: { ssl_verify, ssl_certificate, ssl_key, log_documents: false },
  };
  const locateModelProblem: LoadedConfig["locateModelProblem"] = (_alone, message) =>
    loaded.locateModelProblem(position, message);
  const gateway = await connectConfiguration({ ...loaded, config, locateModelProblem }, environment);
  return { entry, gateway, environment, directory: dirname(loaded.path) };
}
