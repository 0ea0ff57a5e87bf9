import type { Target } from "@dheera-ai/core";

import type { Key } from "../endpoint/credentials.ts";
import type { Options } from "../options.ts";
import type { Place } from "../endpoint/endpoint.ts";

/** What a server answered, whatever the status. */
export interface Answer {
  readonly status: number;
  /** JSON where it is JSON, else the text. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** The way to one place, key included. It throws only where no answer came. */
export interface Line {
  post(url: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Answer>;
  get(url: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** What is sent as the key; for messages. */
  key(): Promise<Key>;
}

/** Nothing is looked up before the first call; afterwards key and headers are remembered. */
export function openLine(http: Target["http"], place: Place, findKey: () => Promise<Key>, options: Options): Line {
  let finding: Promise<Key> | undefined;
  let known: Readonly<Record<string, string>> | undefined;

  const key = (): Promise<Key> => (finding ??= findKey());
  const findHeaders = async (): Promise<Readonly<Record<string, string>>> =>
    (known ??= headersOf(await key(), place, options));

  return {
    key,
    post: (url, body, signal) => {
      const send = (headers: Readonly<Record<string, string>>): Promise<Answer> =>
        http.raw(url, { ...reading, method: "POST", body, signal, headers }).then(answerOf);
      return known ? send(known) : findHeaders().then(send);
    },
    get: async (url, signal, extra) =>
      answerOf(await http.raw(url, { ...reading, signal, headers: { ...(known ?? (await findHeaders())), ...extra } })),
  };
}

/** Refusals are read here and not thrown by ofetch, because their bodies say what to do. */
const reading = { ignoreResponseError: true, parseResponse: parseBody } as const;

/** Error bodies may be HTML under any content type. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function answerOf(response: { readonly status: number; readonly headers: Headers; readonly _data?: unknown }): Answer {
  return { status: response.status, headers: response.headers, body: response._data };
}

function headersOf(key: Key, place: Place, options: Options): Readonly<Record<string, string>> {
  return {
    accept: "application/json",
    ...(key.kind === "sent" && { authorization: `Bearer ${key.token}` }),
    ...(place.kind === "serverless" && options.bill_to !== undefined && { "x-hf-bill-to": options.bill_to }),
  };
}
