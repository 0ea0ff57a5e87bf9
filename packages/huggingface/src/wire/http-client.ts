import type { Target } from "@dheera-ai/core";

import type { Key } from "../endpoint/credentials.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Options } from "../options.ts";

/** What a server answered, whatever the status. */
export interface HttpAnswer {
  readonly status: number;
  /** JSON where it is JSON, else the text. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** HTTP to one endpoint, with its key. Refusals are answers here, because their bodies say what to do; it throws only where no answer came. */
export interface HttpClient {
  post(url: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<HttpAnswer>;
  get(url: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** The key that is sent; for messages. */
  key(): Promise<Key>;
}

/** The key is looked up at the first request; afterwards key and headers are remembered. */
export function createHttpClient(
  http: Target["http"],
  endpoint: Endpoint,
  findKey: () => Promise<Key>,
  options: Options,
): HttpClient {
  let finding: Promise<Key> | undefined;
  let known: Readonly<Record<string, string>> | undefined;

  const key = (): Promise<Key> => (finding ??= findKey());
  const findHeaders = async (): Promise<Readonly<Record<string, string>>> =>
    (known ??= headersOf(await key(), endpoint, options));

  return {
    key,
    post: (url, body, signal) => {
      const send = (headers: Readonly<Record<string, string>>): Promise<HttpAnswer> =>
        http.raw(url, { ...anyStatus, method: "POST", body, signal, headers }).then(toAnswer);
      return known ? send(known) : findHeaders().then(send);
    },
    get: async (url, signal, extra) =>
      toAnswer(
        await http.raw(url, { ...anyStatus, signal, headers: { ...(known ?? (await findHeaders())), ...extra } }),
      ),
  };
}

const anyStatus = { ignoreResponseError: true, parseResponse: parseBody } as const;

/** Error bodies may be HTML under any content type. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function toAnswer(response: {
  readonly status: number;
  readonly headers: Headers;
  readonly _data?: unknown;
}): HttpAnswer {
  return { status: response.status, headers: response.headers, body: response._data };
}

function headersOf(key: Key, endpoint: Endpoint, options: Options): Readonly<Record<string, string>> {
  return {
    accept: "application/json",
    ...(key.kind === "sent" && { authorization: `Bearer ${key.token}` }),
    ...(endpoint.kind === "serverless" && options.bill_to !== undefined && { "x-hf-bill-to": options.bill_to }),
  };
}
