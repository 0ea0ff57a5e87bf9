/** The only host of the serverless API. */
export const routerHost = "router.huggingface.co";

/**
 * Whether a token of the environment may be sent to this address. Exact on purpose: `huggingface.co.example.com`,
 * `nothuggingface.co`, plain http, other ports and URLs with a user name do not belong to Hugging Face.
 */
export function isHuggingFace(url: URL): boolean {
  return (
    isPlainHttps(url) &&
    (url.hostname === "huggingface.co" || url.hostname.endsWith(".huggingface.co") || isEndpointHost(url))
  );
}

/** Whether this is a dedicated Inference Endpoint, which may sleep and can be woken. */
export function isInferenceEndpoint(url: URL): boolean {
  return isPlainHttps(url) && isEndpointHost(url);
}

export function isRouter(url: URL): boolean {
  return isPlainHttps(url) && url.hostname === routerHost;
}

function isEndpointHost(url: URL): boolean {
  return url.hostname.endsWith(".endpoints.huggingface.cloud");
}

function isPlainHttps(url: URL): boolean {
  return url.protocol === "https:" && url.port === "" && url.username === "" && url.password === "";
}
