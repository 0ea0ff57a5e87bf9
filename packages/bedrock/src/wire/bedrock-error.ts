import { DheeraError, type ErrorCode, type HttpError, isHttpError } from "@dheera-ai/core";
import { isRecord, upstreamError } from "@dheera-ai/core/provider-utils";

import { factsOf } from "../facts.ts";
import type { ModelName } from "../model-name.ts";

/** Whom a refused request was for. */
export interface Asked {
  readonly model: ModelName;
  readonly region: string;
  /** Whether AWS credentials signed it; a Bedrock API key otherwise. */
  readonly isSigned: boolean;
}

/** A refusal by Amazon's own name for it, and otherwise by its status. Its text may quote documents, and stays in `cause`. */
export function bedrockError(error: unknown, asked: Asked, signal: AbortSignal): DheeraError {
  const label = `Amazon Bedrock (bedrock/${asked.model.given})`;
  const general = upstreamError(error, "bedrock", signal, label);
  if (signal.aborted || !isHttpError(error) || error.status === undefined) return general;
  const type = errorTypeOf(error);
  const reading = readings[type ?? ""] ?? readings[typesByStatus[error.status] ?? ""];
  const upstream = { ...general.upstream, ...(type !== undefined && { code: type }) };
  if (!reading) return DheeraError.from(general, { upstream });
  const { code = general.code, message, permanent = false } = reading;
  const told = [`HTTP ${error.status}`, type].filter(Boolean).join(" ");
  return new DheeraError(code, `${label} ${message(asked)} (${told})`, {
    cause: error,
    provider: "bedrock",
    retryAfter: general.retryAfter,
    permanent,
    upstream,
  });
}

/** Amazon's name for an error: `ThrottlingException`. */
export function errorTypeOf({ headers, body }: HttpError): string | undefined {
  const inBody = isRecord(body) ? body["__type"] : undefined;
  // The header goes on with an address, and the body's name begins with a package.
  const [, type] =
    /^(?:[\w.]+#)?([A-Za-z]\w{1,63})(?::|$)/.exec(headers.get("x-amzn-errortype") ?? String(inBody)) ?? [];
  return inBody === undefined && !headers.get("x-amzn-errortype") ? undefined : type;
}

interface Reading {
  /** That of the status when absent. */
  readonly code?: ErrorCode;
  readonly message: (asked: Asked) => string;
  /** Asking again is of no use. */
  readonly permanent?: boolean;
}

const signature: Reading = {
  code: "provider_auth",
  message: () => "refused our signature; check aws_secret_access_key, and this machine's clock",
  permanent: true,
};
const identity: Reading = {
  code: "provider_auth",
  message: ({ isSigned }) =>
    isSigned
      ? "does not know our AWS keys; check aws_access_key_id and aws_session_token"
      : "does not know our Bedrock API key; check api_key, and whether it has ended",
  permanent: true,
};
const ended: Reading = {
  code: "provider_auth",
  message: () => "says that our AWS keys have ended; check aws_session_token, or where the keys come from",
  permanent: true,
};

const readings: Readonly<Record<string, Reading>> = {
  AccessDeniedException: {
    code: "provider_auth",
    message: (asked) => `refuses access in ${asked.region}; ${accessAdvice(asked)}`,
    permanent: true,
  },
  UnrecognizedClientException: identity,
  InvalidClientTokenId: identity,
  IncompleteSignatureException: signature,
  InvalidSignatureException: signature,
  ExpiredTokenException: ended,
  ExpiredToken: ended,
  ResourceNotFoundException: {
    code: "provider_failed",
    message: (asked) => `does not know the model in ${asked.region}; ${regionAdvice(asked)}`,
    permanent: true,
  },
  ValidationException: {
    code: "provider_rejected",
    message: (asked) => `calls the request invalid in ${asked.region}; ${regionAdvice(asked)}`,
  },
  ServiceQuotaExceededException: {
    code: "provider_rate_limited",
    message: ({ region }) =>
      `has no quota left in ${region}; ask Amazon for more, or add a deployment in another region`,
  },
  ThrottlingException: {
    code: "provider_rate_limited",
    message: ({ region }) =>
      `limits the rate of our requests in ${region}; wait, or add a deployment in another region`,
  },
  ModelNotReadyException: { code: "provider_overloaded", message: () => "has not loaded the model yet; wait" },
  ConflictException: { code: "provider_failed", message: () => "was busy with a change" },
  DependencyFailedException: { code: "provider_failed", message: () => "failed because a service behind it did" },
  ModelErrorException: { code: "provider_failed", message: () => "failed to run the model" },
  ModelTimeoutException: { code: "provider_failed", message: () => "gave up waiting for the model" },
};

/** What a status means where a proxy before Amazon has dropped the name. */
const typesByStatus: Readonly<Record<number, string>> = {
  403: "AccessDeniedException",
  409: "ConflictException",
  424: "DependencyFailedException",
};

function accessAdvice(asked: Asked): string {
  const action = asked.isSigned ? "bedrock:Rerank and bedrock:InvokeModel" : "bedrock:InvokeModel";
  return `request access to the model there, and allow ${action}; ${regionAdvice(asked)}`;
}

/** The commonest reason of refusals is a region without the model. */
function regionAdvice({ model, region }: Asked): string {
  const facts = factsOf(model.id);
  if (!facts) return "check the model's name, and aws_region_name";
  const known = facts.regions.join(", ");
  return facts.regions.includes(region)
    ? `the model is known in ${known}`
    : `the model is known in ${known}, and not in ${region}: set aws_region_name`;
}
