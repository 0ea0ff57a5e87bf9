import type { Provider } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectLlm } from "./connect-llm.ts";
import { findEndpoint } from "./endpoint/find-endpoint.ts";
import { optionNames, parseOptions } from "./options/parse-options.ts";

/** What `llm` is made with. */
export interface LlmOptions {
  /** Where OpenAI's key and address are looked up; the process environment when absent. */
  readonly environment?: Environment | undefined;
}

/**
 * Chat models as rerankers: `llm/gpt-4.1-mini` at OpenAI, `llm/<model>` with the `api_base` of any server that speaks
 * OpenAI's chat completions, and Azure OpenAI.
 */
export function llm({ environment = processEnvironment() }: LlmOptions = {}): Provider {
  return {
    name: "llm",
    optionNames,
    connect: (target) => {
      const options = parseOptions(target.options, target.model);
      return connectLlm(target, options, findEndpoint(target, options, environment));
    },
  };
}
