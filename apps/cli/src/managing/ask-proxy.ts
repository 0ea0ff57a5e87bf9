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
  return {
    async ask(method, path, given = {}) {
      const url = addressOf(base, path, method === "GET" ? given : {});
      const headers = new Headers(key === undefined ? {} : { authorization: `Bearer ${key}` });
      if (method !== "GET") headers.set("content-type", "application/json");
      const body = method === "GET" ? undefined : JSON.stringify(given);
      try {
        // A redirect could lead the key to another server.
        const init = { method, headers, signal: stop, redirect: "error", ...(body !== undefined && { body }) } as const;
        const response = await connections.fetch(url, init).catch((error: unknown) => {
          throw new HttpError(undefined, error, url);
        });
        if (response.ok) return await response.text();
        const said: unknown = await response.json().catch(() => undefined);
        if (response.status === 404) throw missing(said, base);
        throw new HttpError({ status: response.status, body: said, headers: response.headers }, undefined, url);
      } catch (error) {
        if (error instanceof Failure) throw error;
        throw withRemedy(upstreamError(error, base, stop), base, key !== undefined);
      }
    },
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
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

/** Says to a person at a shell what to do. */
function withRemedy(error: unknown, base: string, hasKey: boolean): unknown {
  if (!isDheeraError(error)) return error;
  const remedies: Partial<Record<typeof error.code, string>> = {
    provider_unreachable: `no proxy answers at ${base}; start one with dheera_ai --config config.yaml, or say with --api_base where it runs`,
    unauthenticated: hasKey
      ? "the proxy does not know the key; give one that it knows with --api_key or DHEERA_AI_API_KEY"
      : "the proxy wants a key: --api_key, or DHEERA_AI_API_KEY in the environment",
    forbidden: `${error.message}; the master key, or the key of a proxy admin or of an admin of the team, may do more`,
    unavailable: `${error.message}; dheera_ai db status --config config.yaml says how the database is`,
  };
  const message = remedies[error.code];
  return message === undefined ? error : new Failure(message, { cause: error });
}
