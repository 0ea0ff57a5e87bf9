import type { Provider } from "@dheera-ai/core";
import { type Environment, type PlaceRules, processEnvironment } from "@dheera-ai/core/provider-utils";

import { findKey } from "./endpoint/credentials.ts";
import { huggingFaceHosts, huggingFacePlaces, resolveEndpoint } from "./endpoint/endpoint.ts";
import { readTextFile } from "./endpoint/token-file.ts";
import { wakeEndpoint } from "./endpoint/wake-endpoint.ts";
import { optionNames, parseOptions } from "./options.ts";
import { ServerlessScorer } from "./serverless/serverless-scorer.ts";
import { detectServer } from "./servers/detect-server.ts";
import { ServerScorer } from "./servers/server-scorer.ts";
import { WeightNames } from "./servers/weight-names.ts";
import { createHttpClient } from "./wire/http-client.ts";

/** What `huggingface` and `selfHosted` are made with. */
export interface HuggingFaceOptions {
  /** Where tokens and bases are looked up that a target does not name; the process environment when absent. */
  readonly environment?: Environment | undefined;
  /** Reads the token file; the file system when absent. May reject: then there is no token file. */
  readonly readFile?: ((path: string) => Promise<string>) | undefined;
}

/**
 * Hugging Face rerankers: serverless without an `api_base`; with one, Text Embeddings Inference, Inference Endpoints,
 * vLLM, Infinity, llama.cpp, SGLang, Xinference or LocalAI, detected by what the server answers.
 */
export function huggingface(options: HuggingFaceOptions = {}): Provider {
  return providerAt(huggingFacePlaces, options);
}

/**
 * `hosted_vllm/…` and `infinity/…`: servers of one's own under LiteLLM's prefixes. They are detected as those of
 * `huggingface/…` are, and need an `api_base`, or LiteLLM's variables.
 */
export function selfHosted(options: HuggingFaceOptions = {}): readonly Provider[] {
  const prefixes = [
    { provider: "hosted_vllm", variables: [{ base: "HOSTED_VLLM_API_BASE", key: "HOSTED_VLLM_API_KEY" }] },
    { provider: "infinity", variables: [{ base: "INFINITY_API_BASE", key: "INFINITY_API_KEY" }] },
  ];
  // An Inference Endpoint may be named here too; the token for it is Hugging Face's.
  return prefixes.map((places) => providerAt({ ...huggingFaceHosts, ...places }, options));
}

function providerAt(
  places: PlaceRules,
  { environment = processEnvironment(), readFile = readTextFile }: HuggingFaceOptions,
): Provider {
  const weightNames = new WeightNames();
  return {
    name: places.provider,
    optionNames,
    connect(target) {
      const options = parseOptions(target.options);
      const endpoint = resolveEndpoint(target, environment, options, places);
      const client = createHttpClient(
        target.http,
        endpoint,
        () => findKey(target.apiKey, endpoint, environment, readFile),
        options,
      );
      if (endpoint.kind === "serverless") return new ServerlessScorer(client, endpoint);
      const scorer = new ServerScorer(
        client,
        endpoint,
        (signal, before) => detectServer(endpoint, client, options, signal, before),
        weightNames,
      );
      if (endpoint.kind !== "dedicated") return scorer;
      return {
        profile: (signal) => scorer.profile(signal),
        confirm: (signal) => scorer.confirm(signal),
        score: (call) => scorer.score(call),
        countTokens: (texts, signal) => scorer.countTokens(texts, signal),
        wake: (signal) => wakeEndpoint(endpoint, client, signal),
        close: () => scorer.close(),
      };
    },
  };
}
