/**
 * Whether an error, or what caused it, is one that connections fail with. Errors of the program that makes the request
 * are not.
 */
export function isNetworkError(error: unknown): boolean {
  return networkCodeOf(error) !== undefined || isFailedFetch(error);
}

/** Node.js's own `fetch` does not always give a code to the cause. */
function isFailedFetch(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    error.cause !== undefined &&
    (error.message === "fetch failed" || error.message === "terminated")
  );
}

/** The network's own name for what happened: `ECONNREFUSED`. */
export function networkCodeOf(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < deepest; cause = cause.cause, depth++) {
    const code = "code" in cause ? cause.code : undefined;
    if (typeof code === "string" && (codes.has(code) || families.test(code)) && !isArgumentError(cause)) return code;
  }
  return undefined;
}

/** Whether an HTTP client says that it was called with something it cannot send. */
export function isArgumentError(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return false;
  return /^(ERR_(?!INVALID_URL)(INVALID|MISSING|OUT_OF_RANGE)|UND_ERR_(INVALID_ARG|NOT_SUPPORTED))/.test(error.code);
}

/** Causes of causes that are looked at. */
const deepest = 5;

const codes: ReadonlySet<string> = new Set(
  [
    // Node.js and the system.
    "ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EAI_FAIL EAI_NODATA EAI_NONAME EHOSTUNREACH EHOSTDOWN",
    "ENETUNREACH ENETDOWN ENETRESET EADDRNOTAVAIL EPROTO ENOTCONN ERR_INVALID_URL ERR_STREAM_PREMATURE_CLOSE ERR_SOCKET_CLOSED",
    // OpenSSL.
    "SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT HOSTNAME_MISMATCH INVALID_CA",
    // Bun.
    "ConnectionRefused ConnectionClosed ConnectionReset ConnectionTimeout FailedToOpenSocket Timeout",
  ].flatMap((names) => names.split(" ")),
);

/** undici, its HTTP parser, OpenSSL and Node.js's HTTP/2. */
const families = /^(UND_ERR_|HPE_|CERT_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|ERR_HTTP2_)/;
