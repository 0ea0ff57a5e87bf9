import { type OutgoingHttpHeaders, request as sendRequest } from "node:http";
import { text } from "node:stream/consumers";

/** A request as an engine makes it: its headers as it names them, and its body byte for byte. */
export interface EngineRequest {
  readonly method: "GET" | "POST";
  /** With a name and a password in it where the engine is given such an address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface EngineAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends it with no header of its own but the host and the length, and Go's way with a name and a password in an address. */
export async function sendAsEngine({ method, url, headers, body }: EngineRequest): Promise<EngineAnswer> {
  const { username, password, host } = new URL(url);
  const isNamed = username !== "" || password !== "";
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return await sendPlainly({
    method,
    url,
    headers: {
      host,
      ...(isNamed && { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` }),
      ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
      ...headers,
    },
    body,
  });
}

/** Sends these headers in their order and no others, and the body byte for byte. */
export async function sendPlainly({
  method,
  url,
  headers,
  body,
}: {
  readonly method: string;
  readonly url: string;
  readonly headers: OutgoingHttpHeaders | readonly string[];
  readonly body: string | undefined;
}): Promise<EngineAnswer> {
  const { hostname, port, pathname, search } = new URL(url);
  const sent = sendRequest({
    method,
    hostname,
    port,
    path: `${pathname}${search}`,
    setHost: false,
    agent: false,
    headers,
  });
  const { promise, resolve, reject } = Promise.withResolvers<EngineAnswer>();
  sent.on("error", reject);
  sent.on("response", (incoming) => {
    text(incoming).then(
      (answered) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: answered }),
      reject,
    );
  });
  sent.end(body);
  return promise;
}

/** What Go's client adds to every request. */
export const goHeaders: Readonly<Record<string, string>> = { "user-agent": "Go-http-client/1.1" };
