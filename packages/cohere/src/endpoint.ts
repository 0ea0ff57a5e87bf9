import { type Environment, findPlace, type Place, type PlaceRules } from "@dheera-ai/core/provider-utils";

/**
 * Where to POST, and whether that is Cohere itself: its key goes nowhere else, and fields it does not know do not go
 * there.
 */
export interface Endpoint {
  readonly url: string;
  readonly isCohere: boolean;
  /** Variables whose key may be sent there. */
  readonly keyVariables: Place["keyVariables"];
}

const cohereHosts: ReadonlySet<string> = new Set(["api.cohere.com", "api.cohere.ai"]);
const cohereVersion = "/v2";

/** Cohere's own clients read the first key, other software the second, whose twin may name another server. */
export const coherePlaces: PlaceRules = {
  provider: "cohere",
  publicBase: "https://api.cohere.com",
  isPublic: isCohereHost,
  publicKeys: ["CO_API_KEY", "COHERE_API_KEY"],
  variables: [{ base: "COHERE_API_BASE", key: "COHERE_API_KEY" }],
};

/** A proxy behind this one has no address but the one that is named. */
export const dheeraAiPlaces: PlaceRules = {
  provider: "dheera_ai",
  variables: [{ base: "DHEERA_AI_API_BASE", key: "DHEERA_AI_API_KEY" }],
};

/** LiteLLM's name for its proxy, and its variables. */
export const litellmProxyPlaces: PlaceRules = {
  provider: "litellm_proxy",
  variables: [{ base: "LITELLM_PROXY_API_BASE", key: "LITELLM_PROXY_API_KEY" }],
};

/**
 * A base that ends in `/rerank` is used as it is, any other gets `/rerank`; Cohere's own API has a version before it.
 * @throws DheeraError `invalid_request` when there is no usable address.
 */
export function findEndpoint(places: PlaceRules, apiBase: string | undefined, environment: Environment): Endpoint {
  const { url, keyVariables } = findPlace(places, apiBase, environment);
  const isCohere = isCohereHost(url);
  const path = (url.pathname === "/" ? "" : url.pathname) || (isCohere ? cohereVersion : "");
  url.pathname = path.endsWith("/rerank") ? path : `${path}/rerank`;
  return { url: url.href, isCohere, keyVariables };
}

function isCohereHost(url: URL): boolean {
  return cohereHosts.has(url.hostname) && url.protocol === "https:";
}
