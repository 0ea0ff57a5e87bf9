import type { Provider } from "@dheera-ai/core";

import { Connection } from "./servers/server-scorer.ts";
import { type Environment, findKey } from "./endpoint/credentials.ts";
import { openLine } from "./wire/http-client.ts";
import { parseOptions } from "./options.ts";
import { resolvePlace } from "./endpoint/endpoint.ts";
import { providerName } from "./errors/provider-error.ts";
import { recognise } from "./servers/detect-server.ts";
import { Serverless } from "./serverless/serverless-scorer.ts";
import { readTextFile } from "./endpoint/token-file.ts";
import { wakeEndpoint } from "./endpoint/wake-endpoint.ts";

export interface HuggingFaceOptions {
  /** Where tokens and bases are looked up that a target does not name; the process environment when absent. */
  readonly environment?: Environment;
  /** Reads the token file; the file system when absent. May reject: then there is no token file. */
  readonly readFile?: (path: string) => Promise<string>;
}

/**
 * Hugging Face rerankers: serverless without an `api_base`; with one, Text Embeddings Inference, Inference Endpoints, vLLM, Infinity,
 * llama.cpp, SGLang, Xinference or LocalAI, recognised by what it answers.
 */
export function huggingface({
  environment = processEnvironment(),
  readFile = readTextFile,
}: HuggingFaceOptions = {}): Provider {
  return {
    name: providerName,
    connect(target) {
      const options = parseOptions(target.options);
      const place = resolvePlace(target, environment, options);
      const line = openLine(
        target.http,
        place,
        () => findKey(target.apiKey, place.url, environment, readFile),
        options,
      );
      if (place.kind === "serverless") return new Serverless(line, place);
      const connection = new Connection(line, place, (signal, before) =>
        recognise(place, line, options, signal, before),
      );
      if (place.kind !== "endpoint") return connection;
      return {
        profile: (signal) => connection.profile(signal),
        score: (call) => connection.score(call),
        wake: (signal) => wakeEndpoint(place, line, signal),
      };
    },
  };
}

/** Runtimes without `process` have no environment. */
function processEnvironment(): Environment {
  return typeof process === "undefined" ? {} : process.env;
}
