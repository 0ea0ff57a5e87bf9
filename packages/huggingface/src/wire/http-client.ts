import type { Http, HttpAnswer } from "@dheera-ai/core";
import { rememberSuccess } from "@dheera-ai/core/provider-utils";

import type { Key } from "../endpoint/credentials.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Options } from "../options.ts";

/**
 * HTTP to one endpoint, with its key. Refusals are answers here, because their bodies say what to do; it throws only
 * where no answer came.
 */
export interface HttpClient {
  post(url: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<HttpAnswer>;
  get(url: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** The key that is sent; for messages. */
  key(): Promise<Key>;
}

/** The key is looked up at the first request; afterwards key and headers are remembered. */
export function createHttpClient(
  http: Http,
  endpoint: Endpoint,
  findKey: () => Promise<Key>,
  options: Options,
): HttpClient {
  let known: Readonly<Record<string, string>> | undefined;

  const key = rememberSuccess(findKey);
  const findHeaders = async (): Promise<Readonly<Record<string, string>>> =>
    (known ??= headersOf(await key(), endpoint, options));

  const postFirst: HttpClient["post"] = async (url, body, signal) =>
    http.request(url, { method: "POST", body, signal, headers: await findHeaders() });

  return {
    key,
    // Without a promise or a function of its own once the headers are known: every call comes by here.
    post: (url, body, signal) =>
      known ? http.request(url, { method: "POST", body, signal, headers: known }) : postFirst(url, body, signal),
    get: async (url, signal, extra) =>
      http.request(url, { signal, headers: { ...(known ?? (await findHeaders())), ...extra } }),
  };
}

function headersOf(key: Key, endpoint: Endpoint, options: Options): Readonly<Record<string, string>> {
  return {
    accept: "application/json",
    ...(key.kind === "sent" && { authorization: `Bearer ${key.token}` }),
    ...(endpoint.kind === "serverless" && options.bill_to !== undefined && { "x-hf-bill-to": options.bill_to }),
  };
}
