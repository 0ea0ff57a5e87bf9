import { HttpError, isDheeraError, upstreamError } from "@dheera-ai/core";
import * as v from "valibot";

import { apiKeyOf } from "../api-key.ts";
import { Failure } from "../errors.ts";
import { openFetch } from "../open-dheera.ts";
import type { Terminal } from "../terminal.ts";

/** A running proxy, as whoever manages it asks it. */
export interface ManagedProxy extends AsyncDisposable {
  /**
   * The answer to one request of management, as text.
   * @param given parameters of the address for `GET`, else the fields of a body
   * @throws DheeraError or Failure with what the proxy said, or why it cannot be reached
   */
  ask(method: Method, path: string, given?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Posts a body as it comes, and no faster than it is taken. @returns the answer as text */
  send(path: string, contentType: string, body: AsyncIterable<Uint8Array>): Promise<string>;
  /** The bytes of an answer to `GET` as they come. */
  stream(path: string): AsyncIterable<Uint8Array>;
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface ProxyAddress {
  readonly api_base: string;
  readonly api_key?: string | undefined;
}

/** Opens connections as the proxy itself does: through the proxies and with the certificates of the environment. */
export async function openProxy(
  { api_base: base, api_key }: ProxyAddress,
  { environment, stop }: Pick<Terminal, "environment" | "stop">,
): Promise<ManagedProxy> {
  const connections = await openFetch(environment);
  const key = apiKeyOf({ api_base: base, ...(api_key !== undefined && { api_key }) }, environment);
  const request = async <Result>(
    url: string,
    given: RequestInit & { readonly duplex?: "half" },
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> => {
    const headers = new Headers(given.headers);
    if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
    try {
      // A redirect could lead the key to another server.
      const init = { ...given, headers, signal: stop, redirect: "error" } as const;
      const response = await connections.fetch(url, init).catch((error: unknown) => {
        throw new HttpError(undefined, error, url);
      });
      if (response.ok) return await read(response);
      const said: unknown = await response.json().catch(() => undefined);
      if (response.status === 404) throw missing(said, base);
      if (response.status === 409) refuseConflict(said);
      throw new HttpError({ status: response.status, body: said, headers: response.headers }, undefined, url);
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw withRemedy(upstreamError(error, base, stop), base, key !== undefined);
    }
  };
  const text = (response: Response): Promise<string> => response.text();
  return {
    async ask(method, path, given = {}) {
      if (method === "GET") return await request(addressOf(base, path, given), { method }, text);
      const headers = { "content-type": "application/json" };
      return await request(addressOf(base, path, {}), { method, headers, body: JSON.stringify(given) }, text);
    },
    async send(path, contentType, body) {
      // What goes wrong in what is sent is not the proxy's fault.
      let failure: { readonly error: unknown } | undefined;
      const sent = streamOf(body, (error) => (failure ??= { error }));
      const init = { method: "POST", headers: { "content-type": contentType }, body: sent, duplex: "half" } as const;
      try {
        return await request(addressOf(base, path, {}), init, text);
      } catch (error) {
        throw failure ? failure.error : error;
      }
    },
    async *stream(path) {
      const body = await request(addressOf(base, path, {}), { method: "GET" }, async (response) => response.body);
      if (!body) return;
      try {
        yield* body;
      } catch (error) {
        throw withRemedy(upstreamError(new HttpError(undefined, error, base), base, stop), base, key !== undefined);
      }
    },
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}

/** @param tell told of what the source throws, before the stream fails with it */
function streamOf(source: AsyncIterable<Uint8Array>, tell: (error: unknown) => void): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      } catch (error) {
        tell(error);
        throw error;
      }
    },
    cancel: async () => void (await iterator.return?.()),
  });
}

function addressOf(base: string, path: string, parameters: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  return `${base.replace(/\/+$/, "")}${path}${query.size === 0 ? "" : `?${query.toString()}`}`;
}

const notFound = v.object({
  error: v.object({ code: v.literal("not_found"), param: v.string(), message: v.string() }),
});

/** What is not there, in the proxy's words; any other server does not know the address itself. */
function missing(said: unknown, base: string): Failure {
  const read = v.safeParse(notFound, said);
  return new Failure(
    read.success
      ? read.output.error.message
      : `${base} does not answer as a Dheera AI proxy does (HTTP 404); check --api_base, and that the proxy is not an older one`,
  );
}

const conflict = v.object({ error: v.object({ code: v.literal("conflict"), message: v.string() }) });

/** @throws Failure with the proxy's words: what is asked does not go with what is there */
function refuseConflict(said: unknown): void {
  const read = v.safeParse(conflict, said);
  if (read.success) throw new Failure(read.output.error.message);
}

/** Says to a person at a shell what to do. */
function withRemedy(error: unknown, base: string, hasKey: boolean): unknown {
  if (!isDheeraError(error)) return error;
  const remedies: Partial<Record<typeof error.code, string>> = {
    provider_unreachable: `no proxy answers at ${base}; start one with dheera_ai --config config.yaml, or say with --api_base where it runs`,
    unauthenticated: hasKey
      ? "the proxy does not know the key; give one that it knows with --api_key or DHEERA_AI_API_KEY"
      : "the proxy wants a key: --api_key, or DHEERA_AI_API_KEY in the environment",
    forbidden: `${error.message}; the master key, or the key of a proxy admin or of an admin of the team, may do more`,
    ...(/\bdatabase\b/.test(error.message) && {
      unavailable: `${error.message}; dheera_ai db status --config config.yaml says how the database is`,
    }),
  };
  const message = remedies[error.code];
  return message === undefined ? error : new Failure(message, { cause: error });
}
