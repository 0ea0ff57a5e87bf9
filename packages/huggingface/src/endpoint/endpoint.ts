import type { Target } from "@dheera-ai/core";
import { type Environment, findPlace, type Place, type PlaceRules } from "@dheera-ai/core/provider-utils";

import { invalidSetting, providerName } from "../errors/provider-error.ts";
import type { Options } from "../options.ts";
import { isHuggingFace, isInferenceEndpoint, isRouter, routerHost } from "./hosts.ts";

/** Where a model is served. */
export interface Endpoint {
  /**
   * `serverless`: the API of Hugging Face. `dedicated`: an Inference Endpoint, which may sleep. `server`: any other
   * server.
   */
  readonly kind: "serverless" | "dedicated" | "server";
  /** The model as configured. */
  readonly model: string;
  readonly url: URL;
  /** Variables whose key may be sent there. */
  readonly keyVariables: Place["keyVariables"];
}

/** The hosts of Hugging Face, and its own names of variables with a token for them. */
export const huggingFaceHosts = {
  isPublic: isHuggingFace,
  publicKeys: ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
} as const satisfies Partial<PlaceRules>;

/** LiteLLM's name for the token, and for the key of the server in `HUGGINGFACE_API_BASE` where that is set. */
const otherTokenName = "HUGGINGFACE_API_KEY";

/** Models of Hugging Face: without an address they run at its serverless API. */
export const huggingFacePlaces: PlaceRules = {
  provider: providerName,
  publicBase: `https://${routerHost}/hf-inference`,
  isPublic: isHuggingFace,
  publicKeys: [...huggingFaceHosts.publicKeys, otherTokenName],
  variables: [{ base: "HF_API_BASE" }, { base: "HUGGINGFACE_API_BASE", key: otherTokenName }],
};

/**
 * Where the target's model is served by these rules.
 * @throws DheeraError `invalid_request` when there is no usable address, or an option has no meaning there.
 */
export function resolveEndpoint(
  { apiBase, model }: Pick<Target, "apiBase" | "model">,
  environment: Environment,
  options: Options,
  places: PlaceRules = huggingFacePlaces,
): Endpoint {
  const { url, keyVariables } = findPlace(places, apiBase, environment);
  const kind = isRouter(url) ? "serverless" : isInferenceEndpoint(url) ? "dedicated" : "server";
  if (kind !== "serverless" && options.bill_to !== undefined)
    throw invalidSetting("bill_to", "bill_to has a meaning for serverless calls only; remove it or the api_base");
  if (kind === "serverless" && options.server !== undefined)
    throw invalidSetting("server", "server says what runs at api_base; there is none");
  return { kind, model, url, keyVariables };
}
