import { DheeraError } from "@dheera-ai/core";

/**
 * Where to POST, and whether that is Cohere itself: its key goes nowhere else, and fields it does not know do not go
 * there.
 */
export interface Endpoint {
  readonly url: string;
  readonly isCohere: boolean;
}

const cohereBase = "https://api.cohere.com";
const cohereHosts: ReadonlySet<string> = new Set(["api.cohere.com", "api.cohere.ai"]);
const cohereVersion = "/v2";

/**
 * A base that ends in `/rerank` is used as it is, any other gets `/rerank`; without one it is Cohere's own API.
 * @throws DheeraError `invalid_request` when the base is no usable URL.
 */
export function findEndpoint(apiBase: string = cohereBase, provider: string = "cohere"): Endpoint {
  const url = URL.parse(apiBase);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw invalid("api_base must be a URL that begins with http:// or https://", provider);
  if (url.username || url.password)
    throw invalid("api_base holds a user name or password; give the key as api_key instead", provider);

  const isCohere = cohereHosts.has(url.hostname) && url.protocol === "https:";
  const path = url.pathname.replace(/\/+$/, "") || (isCohere ? cohereVersion : "");
  url.pathname = path.endsWith("/rerank") ? path : `${path}/rerank`;
  url.hash = "";
  return { url: url.href, isCohere };
}

function invalid(message: string, provider: string): DheeraError {
  return new DheeraError("invalid_request", message, { param: "api_base", provider });
}
