import type { Environment } from "@dheera-ai/core/provider-utils";

/** What everything that is done with models of the Hub takes. */
export interface HubOptions {
  /** `HF_HUB_CACHE`, `HF_HOME`, `HF_TOKEN`, `HF_ENDPOINT`, `HF_HUB_OFFLINE` and the home folder. */
  readonly environment: Environment;
}

export interface HubRequestOptions extends HubOptions {
  /** How the Hub is reached; the runtime's own when absent. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Ends what is under way; a later pull goes on from there. */
  readonly signal?: AbortSignal | undefined;
}
