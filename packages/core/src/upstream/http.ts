import { type $Fetch, createFetch } from "ofetch";

import { DheeraError } from "../errors.ts";

/** How the host reaches upstreams. A server on Node.js gives a pooled one; the default is the runtime's own `fetch`. */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** The `Headers` class that goes with it. */
  readonly Headers?: typeof globalThis.Headers;
}

/** The `http` of every target: JSON, no retries (core retries), redirects refused because they could carry a key away. */
export function createHttp(transport: Transport = { fetch: (...args) => globalThis.fetch(...args) }): $Fetch {
  return createFetch({
    fetch: (input, init) => transport.fetch(input, init).then(refuseRedirect),
    Headers: transport.Headers ?? globalThis.Headers,
    AbortController: globalThis.AbortController,
  }).create({ retry: 0, redirect: "manual" });
}

function refuseRedirect(response: Response): Response {
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400))
    throw new DheeraError(
      "provider_failed",
      "the upstream answered with a redirect, which is not followed; set api_base to the final address",
    );
  return response;
}
