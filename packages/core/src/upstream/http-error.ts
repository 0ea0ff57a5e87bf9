import type { HttpAnswer, HttpHeaders } from "../contract.ts";

const marker = Symbol.for("dheera-ai.http-error");

const noHeaders: HttpHeaders = { get: () => null };

/**
 * An upstream answered with a status from 400 on, or did not answer. Its message holds neither the URL nor anything the
 * upstream said.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";
  /** Absent when no answer came: `cause` then says why. */
  readonly status: number | undefined;
  /**
   * What the upstream said: JSON where it is JSON, else its text. It may quote what it was sent: never copy it into a
   * message.
   */
  readonly body: unknown;
  readonly headers: HttpHeaders;
  /** Origin and path of the request; undefined where it is not known. */
  readonly address: string | undefined;

  constructor(answer: HttpAnswer | undefined, cause?: unknown, url?: string) {
    super(answer ? `HTTP ${answer.status}` : "no answer came", cause === undefined ? undefined : { cause });
    this.status = answer?.status;
    this.body = answer?.body;
    this.headers = answer?.headers ?? noHeaders;
    this.address = url === undefined ? undefined : addressOf(url);
    Object.defineProperty(this, marker, { value: true });
  }
}

/** What may be shown of a URL: no user, no password, and no query, in which some services take their key. */
function addressOf(url: string): string | undefined {
  const parsed = URL.parse(url);
  return parsed ? `${parsed.origin}${parsed.pathname}` : undefined;
}

/** Recognises an `HttpError` of any installed copy of this package. */
export function isHttpError(error: unknown): error is HttpError {
  return typeof error === "object" && error !== null && marker in error;
}
