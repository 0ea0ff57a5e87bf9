import type { IncomingAnswer } from "@dheera-ai/core";
import type { Dispatcher } from "undici";

import { answerTooLarge } from "../../http/bounded-fetch.ts";
import { UpstreamHeaders } from "./upstream-headers.ts";

/** A URL in the parts that a request is made of. */
export interface UpstreamAddress {
  readonly href: string;
  readonly origin: string;
  /** With the query. */
  readonly path: string;
}

export interface ExchangeRequest {
  readonly address: UpstreamAddress;
  readonly method: string;
  /** By names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
  readonly signal: AbortSignal | null | undefined;
}

/** An upstream's whole answer. */
export class UpstreamAnswer implements IncomingAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: UpstreamHeaders;
  readonly body: Buffer;

  constructor(status: number, statusText: string, headers: UpstreamHeaders, body: Buffer) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.body = body;
  }

  /** Read where it is used: a promise for the text would be one more of each call. */
  get text(): string {
    return this.body.toString("utf8");
  }
}

/**
 * Sends one HTTP request and collects the whole answer. Redirects are answers like any other.
 * @throws DheeraError `provider_bad_response` for an answer of more than `mostBytes`, the signal's reason, or undici's
 * error
 */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest, mostBytes: number): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const { address, method, headers, body, signal } = request;
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const handler = new Handler(request, mostBytes, resolve, reject);
    dispatcher.dispatch({ origin: address.origin, path: address.path, method, headers, body }, handler);
  });
}

/** Collects an answer; undici calls its methods. */
class Handler implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #mostBytes: number;
  readonly #resolve: (answer: UpstreamAnswer) => void;
  readonly #reject: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #aborted: Error | undefined;
  #status = 0;
  #statusText = "";
  #headers = new UpstreamHeaders();
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(
    request: ExchangeRequest,
    mostBytes: number,
    resolve: (answer: UpstreamAnswer) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#mostBytes = mostBytes;
    this.#resolve = resolve;
    this.#reject = reject;
    request.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(this.#aborted);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusText = "",
  ): void {
    // A 1xx status only announces the answer.
    if (status < 200) return;
    this.#status = status;
    this.#statusText = statusText;
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) this.#headers.fields[name] = typeof value === "string" ? value : value.join(", ");
    }
    if (Number(this.#headers.fields["content-length"]) > this.#mostBytes)
      controller.abort(answerTooLarge(this.#mostBytes));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#mostBytes) controller.abort(answerTooLarge(this.#mostBytes));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#settle();
    const [first] = this.#chunks;
    const body = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#size);
    this.#resolve(new UpstreamAnswer(this.#status, this.#statusText, this.#headers, body));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle();
    this.#reject(error);
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#request.signal?.reason;
    this.#aborted = reason instanceof Error ? reason : new DOMException("aborted", "AbortError");
    // While the request waits for a connection, undici would not report the abort, so the caller is answered here.
    this.#reject(reason);
    this.#controller?.abort(this.#aborted);
  };

  #settle(): void {
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
  }
}
