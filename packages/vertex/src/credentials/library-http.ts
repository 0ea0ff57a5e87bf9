import { type Http, HttpError } from "@dheera-ai/core";

import { googleTokenUri } from "./client-of.ts";
import type { FoundCredentials } from "./find-credentials.ts";

/** The host's HTTP, as Google's library wants it: like `fetch`. */
export interface LibraryHttp {
  readonly fetch: typeof globalThis.fetch;
  /** What went wrong last, as core knows it: the library's own errors hold less. */
  failure(): unknown;
}

/**
 * The library's requests go where the host's connections, limits and refusal of redirects hold for them too. Credentials
 * with a token address of their own are exchanged there, which the library leaves out.
 */
export function libraryHttp(http: Http, signal: AbortSignal, found: FoundCredentials): LibraryHttp {
  const tokenUri = tokenUriOf(found);
  let failure: unknown;
  return {
    failure: () => failure,
    fetch: async (input, init = {}) => {
      const asked = input instanceof Request ? input.url : String(input);
      const url = asked === googleTokenUri && tokenUri !== undefined ? tokenUri : asked;
      try {
        // Names the content type of a form, as `fetch` does.
        const { method = "GET", headers, body = null } = init;
        const request = new Request(asked, { method, body, ...(headers && { headers }) });
        const answer = await http.request(url, {
          method,
          headers: Object.fromEntries(request.headers),
          ...(body !== null && { body: await request.text() }),
          signal,
        });
        if (answer.status >= 400) failure = new HttpError(answer, undefined, url);
        const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
        const type = { "content-type": answer.headers.get("content-type") ?? "application/json" };
        return new Response(hasNoBody(answer.status) ? null : text, { status: answer.status, headers: type });
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  };
}

function tokenUriOf(found: FoundCredentials): string | undefined {
  if (found.kind === "machine") return undefined;
  const file = found.file.type === "impersonated_service_account" ? found.file.source_credentials : found.file;
  return file.type === "external_account" ? undefined : file.token_uri;
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
