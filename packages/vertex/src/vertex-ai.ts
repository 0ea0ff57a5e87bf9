import type { Provider } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectVertexAi } from "./connect-vertex-ai.ts";
import { optionNames, parseOptions } from "./parse-options.ts";

/** What `vertexAi` is made with. */
export interface VertexAiOptions {
  /**
   * Where credentials, project and location are looked up that a deployment does not name; the process environment when
   * absent. Google's own library reads the process environment for the address of the metadata server.
   */
  readonly environment?: Environment | undefined;
}

/**
 * Google's rerankers in Vertex AI Search (Discovery Engine): `vertex_ai/semantic-ranker-default-004`, with a service
 * account or what the environment has.
 */
export function vertexAi({ environment = processEnvironment() }: VertexAiOptions = {}): Provider {
  return {
    name: "vertex_ai",
    optionNames,
    connect: (target) => connectVertexAi(target, parseOptions(target, environment), environment),
  };
}
