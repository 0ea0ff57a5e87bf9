import type { Limits } from "./contract.ts";

/** Whose fault it is, and what can be done: see the table in the documentation of errors. */
export type ErrorCode =
  | "invalid_request"
  | "unauthenticated"
  | "forbidden"
  | "model_not_found"
  | "request_too_large"
  | "rate_limited"
  | "budget_exceeded"
  | "provider_auth"
  | "provider_rate_limited"
  | "provider_overloaded"
  | "provider_starting"
  | "provider_rejected"
  | "provider_unreachable"
  | "provider_failed"
  | "provider_bad_response"
  | "timeout"
  | "cancelled"
  | "unavailable"
  | "internal";

/** The HTTP status of each code, and whether trying elsewhere, or again, can help. */
const codes: Readonly<Record<ErrorCode, { readonly status: number; readonly retryable: boolean }>> = {
  invalid_request: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  model_not_found: { status: 404, retryable: false },
  request_too_large: { status: 413, retryable: false },
  rate_limited: { status: 429, retryable: false },
  budget_exceeded: { status: 429, retryable: false },
  provider_auth: { status: 502, retryable: true },
  provider_rate_limited: { status: 429, retryable: true },
  provider_overloaded: { status: 503, retryable: true },
  provider_starting: { status: 503, retryable: true },
  provider_rejected: { status: 422, retryable: false },
  provider_unreachable: { status: 502, retryable: true },
  provider_failed: { status: 502, retryable: true },
  provider_bad_response: { status: 502, retryable: true },
  timeout: { status: 504, retryable: true },
  cancelled: { status: 499, retryable: false },
  unavailable: { status: 503, retryable: true },
  internal: { status: 500, retryable: false },
};

/** Every code that an error may have. */
export const errorCodes: readonly ErrorCode[] = Object.keys(codes) as ErrorCode[];

/** What is known of an error beside its code and message. */
export interface ErrorDetails {
  /** The original error; never shown to callers. */
  readonly cause?: unknown | undefined;
  /** The request field at fault: `documents[3].text`. */
  readonly param?: string | undefined;
  /** Name of the provider that failed. */
  readonly provider?: string | undefined;
  /** Id of the deployment that failed. */
  readonly deployment?: string | undefined;
  /** Seconds after which trying again makes sense; what is beyond an hour becomes an hour. */
  readonly retryAfter?: number | undefined;
  /**
   * Limits this refusal taught: `batch size 40 > maximum allowed 32` teaches `{ documentsPerCall: 32 }`. Core splits
   * again.
   */
  readonly learned?: Limits | undefined;
  /** Trying elsewhere can help although the code says no, or the other way round. */
  readonly retryable?: boolean | undefined;
  /** Asking the same deployment again is of no use, because it refuses for good; another may serve. Default false. */
  readonly permanent?: boolean | undefined;
  /** For operators alone: see `UpstreamFacts`. */
  readonly upstream?: UpstreamFacts | undefined;
  /** The provider itself has a programming error: `cause` is what it threw. */
  readonly defect?: boolean | undefined;
}

/** What an operator needs to find the server that failed. For logs and terminals, never for the callers of a proxy. */
export interface UpstreamFacts {
  /** Origin and path, without user, password and query. */
  readonly address?: string | undefined;
  /** HTTP status of its answer; absent when none came. */
  readonly status?: number | undefined;
  /** Its own name for the error, where that is one word: `DeploymentNotFound`. */
  readonly code?: string | undefined;
}

const marker = Symbol.for("dheera-ai.error");

/** Characters of a message and of a `param`: both end up in answers and logs, and may hold names of any length. */
const mostCharacters = 1_000;

/**
 * The one error class. Its message is fit for callers: it names no key and no document text, and has at most 1,000
 * characters.
 */
export class DheeraError extends Error {
  override readonly name = "DheeraError";
  readonly code: ErrorCode;
  /** HTTP status for this code. */
  readonly status: number;
  /** Whether another deployment, or the same one later, may succeed. */
  readonly retryable: boolean;
  readonly param: string | undefined;
  readonly provider: string | undefined;
  readonly deployment: string | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly learned: Limits | undefined;
  /** Whether asking the same deployment again is of no use. */
  readonly permanent: boolean;
  /** For operators alone. */
  readonly upstream: UpstreamFacts | undefined;
  /** True for a programming error of a provider, which no upstream can cause; `cause` has the stack. */
  readonly defect: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(shorten(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = codes[code].status;
    this.retryable = details.retryable ?? codes[code].retryable;
    this.param = details.param === undefined ? undefined : shorten(details.param);
    this.provider = details.provider;
    this.deployment = details.deployment;
    this.retryAfter = boundedSeconds(details.retryAfter);
    this.learned = details.learned;
    this.permanent = details.permanent ?? false;
    this.upstream = details.upstream;
    this.defect = details.defect ?? false;
    Object.defineProperty(this, marker, { value: true });
  }

  /** A copy, with some details changed. */
  static from(error: DheeraError, changes: ErrorDetails & { readonly message?: string } = {}): DheeraError {
    return new DheeraError(error.code, changes.message ?? error.message, { ...error, cause: error.cause, ...changes });
  }
}

function shorten(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1)}…`;
}

/** An upstream may say anything, and callers wait as long as they are told. */
function boundedSeconds(seconds: number | undefined): number | undefined {
  return seconds === undefined || Number.isNaN(seconds) ? undefined : Math.min(Math.max(0, seconds), longestWait);
}

const longestWait = 3_600;

/** Recognises a `DheeraError` of any installed copy of this package. */
export function isDheeraError(error: unknown): error is DheeraError {
  return typeof error === "object" && error !== null && marker in error;
}
