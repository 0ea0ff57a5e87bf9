import { DheeraError, type ErrorCode, type ErrorDetails, errorCodes } from "../errors.ts";
import { plainText } from "./plain-text.ts";
import { isRecord } from "./read-scores.ts";

/**
 * The error of a Dheera AI proxy, which says all that is to be said: its message is fit for callers as this package's own.
 * Recognised by its shape and by a status that belongs to its code; undefined for any other answer. Any server can
 * answer in that shape, so what no proxy says is left out.
 */
export function readOwnError(body: unknown, status: number, details: ErrorDetails): DheeraError | undefined {
  if (!isRecord(body) || !isRecord(body["error"]) || typeof body["id"] !== "string") return undefined;
  const { message, code, param, type } = body["error"];
  if (typeof message !== "string" || message !== body["message"] || typeof type !== "string") return undefined;
  const known = errorCodes.find((name) => name === code);
  if (!known) return undefined;
  const error = new DheeraError(known, withoutPosition(plainText(message, mostCharacters)), {
    ...details,
    param: typeof param === "string" && field.test(param) ? param : undefined,
    ...(isOfOurKey.has(known) && { retryable: true, permanent: known !== "rate_limited" }),
  });
  return error.status === status ? error : undefined;
}

const mostCharacters = 1_000;
/** `documents[3].text`, `provider_options.cohere`. */
const field = /^[\w.[\]-]{1,100}$/;

/** What concerns our key, or the proxy itself, does not concern another deployment. */
const isOfOurKey: ReadonlySet<ErrorCode> = new Set([
  "unauthenticated",
  "forbidden",
  "model_not_found",
  "rate_limited",
  "budget_exceeded",
  "internal",
]);

/** The position of a refused document is one of the call's; core names the caller's. */
function withoutPosition(message: string): string {
  return message.replace(/^documents\[\d+\]: /, "");
}
