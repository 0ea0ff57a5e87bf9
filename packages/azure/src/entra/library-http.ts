import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { type Http, HttpError } from "@dheera-ai/core";

/** The host's HTTP, as Microsoft's library wants it. */
export interface LibraryHttp {
  readonly client: HttpClient;
  /** What went wrong last, as core knows it: the library's own errors hold less. */
  failure(): unknown;
}

/** The library's requests go where the host's connections, limits and refusal of redirects hold for them too. */
export function libraryHttp(http: Http, signal: AbortSignal): LibraryHttp {
  let failure: unknown;
  return {
    failure: () => failure,
    client: {
      sendRequest: async (request) => {
        const { url, method, headers, body } = request;
        const text = typeof body === "string" ? body : undefined;
        try {
          const answer = await http.request(url, { method, headers: headers.toJSON(), body: text, signal });
          failure = answer.status >= 400 ? new HttpError(answer, undefined, url) : undefined;
          const type = answer.headers.get("content-type");
          return {
            request,
            status: answer.status,
            headers: createHttpHeaders(type === null ? {} : { "content-type": type }),
            bodyAsText: typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body),
          };
        } catch (error) {
          failure = error;
          throw error;
        }
      },
    },
  };
}
