import type { Gateway, LoadedConfig } from "@dheera-ai/proxy";

import { connectConfiguration } from "../configuration.ts";
import type { Terminal } from "../terminal.ts";

/** One entry of a configuration on its own. */
export interface Isolated {
  readonly entry: LoadedConfig["config"]["model_list"][number];
  /** Serves this entry alone, without cache, retries, cooldowns or fallbacks: no other deployment answers in its place. */
  readonly gateway: Gateway;
}

/** Connects each entry by itself; calls no upstream. @throws WrongConfiguration */
export function isolate(loaded: LoadedConfig, environment: Terminal["environment"]): Promise<Isolated[]> {
  return Promise.all(
    loaded.config.model_list.map(async (entry) => {
      const config = {
        ...loaded.config,
        model_list: [entry],
        router_settings: { num_retries: 0, disable_cooldowns: true },
        dheera_ai_settings: { log_documents: false },
      };
      return { entry, gateway: await connectConfiguration({ ...loaded, config }, environment) };
    }),
  );
}
