import { DheeraError, type ErrorCode, errorCodes } from "@dheera-ai/core";
import type { JsonSchema } from "@valibot/to-json-schema";

import { errorBody } from "../formats/error-body.ts";
import type { ErrorFormat } from "../formats/request-format.ts";
import { reference } from "./component-schemas.ts";
import { exampleCallId } from "./examples.ts";
import type { Examples, Headers, Responses } from "./open-api.ts";
import { callHeaders, countedHeaders, keyHeaders, rerankHeaders, retryHeaders } from "./response-headers.ts";

/** When each code is answered; also the message of its example. */
const reasons: Readonly<Record<ErrorCode, string>> = {
  invalid_request: "the request is wrong; the message names every field at fault",
  unauthenticated: "the key is missing or wrong",
  forbidden: "the key, or the address, may not do this",
  model_not_found: "no model has this name",
  request_too_large: "the body is larger than allowed",
  rate_limited: "a limit of this proxy is used up",
  budget_exceeded: "the caller's budget is used up",
  provider_auth: "the upstream refused the proxy's own key",
  provider_rate_limited: "the upstream's limit is used up",
  provider_overloaded: "the upstream, or the queue before it, has no room in time",
  provider_starting: "the upstream is starting and was not ready in time",
  provider_rejected: "the upstream cannot score a document; the message names it",
  provider_unreachable: "the upstream cannot be reached",
  provider_failed: "the upstream failed",
  provider_bad_response: "the upstream answered nonsense",
  timeout: "the time for the whole request is over",
  cancelled: "the client went away",
  unavailable: "what the proxy keeps keys and budgets in cannot be reached",
  internal: "something is wrong in the proxy; its log has it under the call id",
};

/** Errors of every route that needs a key. */
const accessCodes: readonly ErrorCode[] = ["unauthenticated", "forbidden", "internal"];

/** Errors of a route that needs a key, with further ones of its own. */
export function guardedErrors(...codes: readonly ErrorCode[]): Responses {
  return describe([...codes, ...accessCodes], reference("Error"), callHeaders);
}

/** Errors of a route that needs no key. */
export function openErrors(...codes: readonly ErrorCode[]): Responses {
  return describe(codes, reference("Error"), callHeaders);
}

/** As `guardedErrors`, of what counts against a key's requests a minute. */
export function countedErrors(...codes: readonly ErrorCode[]): Responses {
  return describe(["rate_limited", ...codes, ...accessCodes], reference("Error"), countedHeaders);
}

/** Errors of reranking: every code there is. */
export function rerankErrors(schema: JsonSchema = reference("Error"), format: ErrorFormat = errorBody): Responses {
  return describe(errorCodes, schema, rerankHeaders, format);
}

/** A request in TEI's format gets an error in TEI's format. */
export function ownOrTeiErrors(): Responses {
  return rerankErrors({ anyOf: [reference("Error"), reference("TeiError")] });
}

function describe(
  codes: readonly ErrorCode[],
  schema: JsonSchema,
  headers: Headers,
  format: ErrorFormat = errorBody,
): Responses {
  const byStatus = Map.groupBy(codes, (code) => new DheeraError(code, reasons[code]).status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      String(status),
      {
        description: group.map((code) => `\`${code}\`: ${reasons[code]}.`).join(" "),
        headers: { ...headers, ...(waits.has(status) && retryHeaders), ...(status === 401 && keyHeaders) },
        content: { "application/json": { schema, examples: examplesOf(group, format) } },
      },
    ]),
  );
}

const waits: ReadonlySet<number> = new Set([429, 502, 503]);

function examplesOf(codes: readonly ErrorCode[], format: ErrorFormat): Examples {
  return Object.fromEntries(
    codes.map((code) => [code, { value: format(new DheeraError(code, reasons[code]), exampleCallId) }]),
  );
}
