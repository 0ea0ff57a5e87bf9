import type { Provider } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectWatsonx } from "./connect-watsonx.ts";
import { findCredential } from "./find-credential.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { optionNames, parseOptions } from "./parse-options.ts";

/** What `watsonx` is made with. */
export interface WatsonxOptions {
  /** Where addresses, keys and the project are looked up that a deployment does not name; the process environment when absent. */
  readonly environment?: Environment | undefined;
}

/**
 * IBM watsonx.ai: `watsonx/cross-encoder/ms-marco-minilm-l-12-v2` at the `api_base` of a region, or of Cloud Pak for
 * Data, for a project or a deployment space.
 */
export function watsonx({ environment = processEnvironment() }: WatsonxOptions = {}): Provider {
  return {
    name: "watsonx",
    optionNames,
    connect: (target) => {
      const options = parseOptions(target.options, environment);
      const endpoint = findEndpoint(options, target.apiBase, environment);
      const credential = findCredential(options, target.apiKey, endpoint.keyVariables, environment);
      return connectWatsonx(target, { options, url: endpoint.url, credential });
    },
  };
}
