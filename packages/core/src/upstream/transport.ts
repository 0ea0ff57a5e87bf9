import type { HttpHeaders } from "../contract.ts";

/** How the host reaches upstreams. A server on Node.js gives a pooled one; the default is the runtime's own `fetch`. */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** The `Headers` class that goes with it. */
  readonly Headers?: typeof globalThis.Headers | undefined;
  /**
   * Sends a text and reads the whole answer. Where it is there it takes the place of `fetch`, and none of the objects is made that
   * `fetch` makes of both. It follows no redirect.
   */
  send?(message: OutgoingMessage): Promise<IncomingAnswer>;
}

/** An HTTP request as a transport sends it. */
export interface OutgoingMessage {
  readonly url: string;
  /** In capitals. */
  readonly method: string;
  /** By names in lower case. The transport may add to them. */
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** An answer that was read whole. */
export interface IncomingAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly text: string;
}
