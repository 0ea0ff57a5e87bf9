import { DheeraError } from "@dheera-ai/core";
import { readRetryAfter } from "@dheera-ai/core/provider-utils";

import type { HubPlace } from "./place.ts";
import { type Asked, refusal } from "./refusal.ts";
import { PassingFailure, type Patience } from "./retry.ts";
import { type StallWatch, watchForStalls } from "./stall-watch.ts";

/** How the Hub is reached. */
export interface HubConnection {
  readonly place: HubPlace;
  readonly fetch: typeof globalThis.fetch;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/** An answer of success whose body is still to be read. */
export interface HubAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Of the Hub itself, which may have sent us on: commit, hash and size of a file. */
  readonly hubHeaders: Headers;
  /** Its chunks. A `PassingFailure` where the connection breaks or stalls. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the connection where the body is not read. */
  discard(): Promise<void>;
  /** Origin and path, for messages. */
  readonly address: string;
}

const mostRedirects = 5;

/**
 * One attempt to get something of the Hub. Redirects are followed here, so that the token goes to the origin of the Hub
 * alone, and nothing leads from https to http.
 * @param path below the address of the Hub, with its query
 * @throws PassingFailure, or DheeraError for what does not pass
 */
export async function askHub(
  connection: HubConnection,
  path: string,
  asked: Asked,
  headers: Readonly<Record<string, string>> = {},
): Promise<HubAnswer> {
  const { place, patience, signal } = connection;
  const watch = watchForStalls(patience, signal);
  try {
    let url = new URL(`${place.url.href.replace(/\/$/, "")}${path}`);
    const hubHeaders = new Headers();
    for (let redirects = 0; ; redirects += 1) {
      const response = await send(connection, url, headers, watch.signal);
      if (url.origin === place.url.origin) addTo(hubHeaders, response.headers);
      const next = redirectOf(response, url);
      if (next === undefined) return await read(response, { hubHeaders, url, asked, watch, connection });
      await response.body?.cancel();
      if (redirects === mostRedirects) throw badAnswer(`sends from address to address without end`, url);
      url = next;
    }
  } catch (error) {
    watch.stop();
    throw error;
  }
}

async function send(
  { place, fetch, signal: stop }: HubConnection,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const own = place.token !== undefined && url.origin === place.url.origin;
  try {
    return await fetch(url, {
      redirect: "manual",
      signal,
      headers: {
        "user-agent": "dheera-ai",
        // Bytes are counted and resumed as they are stored.
        "accept-encoding": "identity",
        ...headers,
        ...(own && { authorization: `Bearer ${place.token}` }),
      },
    });
  } catch (error) {
    stop.throwIfAborted();
    throw new PassingFailure(unreachable(error, url));
  }
}

interface Reading {
  readonly hubHeaders: Headers;
  readonly url: URL;
  readonly asked: Asked;
  readonly watch: StallWatch;
  readonly connection: HubConnection;
}

async function read(response: Response, { hubHeaders, url, asked, watch, connection }: Reading): Promise<HubAnswer> {
  const address = url.origin + url.pathname;
  const { status, headers } = response;
  if (!response.ok) {
    await response.body?.cancel();
    // The headers of an error are of who refuses: what a CDN says of itself is no answer about the model.
    const failure =
      url.origin === connection.place.url.origin
        ? refusal(response, asked, connection.place, address)
        : new DheeraError("provider_failed", `${url.host}, to which the Hub sent us, answered with HTTP ${status}`, {
            upstream: { address, status },
          });
    if (status === 429 || status >= 500 || status === 408)
      throw new PassingFailure(DheeraError.from(failure, { retryAfter: readRetryAfter(headers.get("retry-after")) }));
    throw failure;
  }
  return {
    status,
    headers,
    hubHeaders,
    address,
    body: watched(response, watch, connection.signal, url),
    async discard() {
      watch.stop();
      await response.body?.cancel();
    },
  };
}

async function* watched(
  response: Response,
  watch: StallWatch,
  stop: AbortSignal,
  url: URL,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const part = await reader?.read().catch((error: unknown) => {
        stop.throwIfAborted();
        throw new PassingFailure(unreachable(error, url));
      });
      if (part?.value === undefined) return;
      watch.saw(part.value.length);
      yield part.value;
    }
  } finally {
    watch.stop();
    await reader?.cancel().catch(() => {});
  }
}

function redirectOf(response: Response, from: URL): URL | undefined {
  const location = response.headers.get("location");
  if (response.status < 300 || response.status > 399 || location === null) return undefined;
  const next = URL.parse(location, from);
  if (!next || (next.protocol !== "https:" && next.protocol !== "http:"))
    throw badAnswer("sends on to something that is no address", from);
  if (from.protocol === "https:" && next.protocol === "http:")
    throw badAnswer(`sends on from https to ${next.host} without encryption`, from);
  if (next.username || next.password) throw badAnswer("sends on to an address with a user name or password", from);
  return next;
}

function addTo(all: Headers, some: Headers): void {
  for (const [name, value] of some) if (!all.has(name)) all.set(name, value);
}

/** For what a Hub does that none should. */
export function badAnswer(what: string, url: URL): DheeraError {
  return new DheeraError("provider_bad_response", `the Hub ${what}; check HF_ENDPOINT`, {
    upstream: { address: url.origin + url.pathname },
  });
}

function unreachable(error: unknown, url: URL): DheeraError {
  const stalled = error instanceof Error && error.name === "TimeoutError";
  const code = error instanceof Error && isSystemError(error.cause) ? ` (${error.cause.code})` : "";
  return new DheeraError(
    "provider_unreachable",
    stalled
      ? `${url.host} sends nothing, or next to nothing; try again later`
      : `the connection to ${url.host} failed${code}; check the network, HTTPS_PROXY and HF_ENDPOINT`,
    { cause: error, upstream: { address: url.origin + url.pathname } },
  );
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
