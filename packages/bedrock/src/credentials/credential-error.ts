import { DheeraError, isDheeraError } from "@dheera-ai/core";
import { isRecord } from "@dheera-ai/core/provider-utils";

import type { CredentialSource } from "./source.ts";

/**
 * What a caller sees when no keys were got: which source, and what to look at. Amazon's own text stays in `cause`,
 * because it names accounts and roles.
 */
export function credentialError(error: unknown, source: CredentialSource): DheeraError {
  if (isDheeraError(error)) return error;
  const { status, code } = factsOf(error);
  const details = { cause: error, provider: "bedrock", upstream: { status, code } };
  const told = [status !== undefined && `HTTP ${status}`, code].filter(Boolean).join(" ");
  const suffix = told ? ` (${told})` : "";
  const { what, remedy } = sources[source.from];
  if (status === 429 || code === "Throttling" || code === "ThrottlingException")
    return new DheeraError(
      "provider_rate_limited",
      `Amazon limits how often ${what} may be asked for${suffix}`,
      details,
    );
  if (status !== undefined && status >= 500)
    return new DheeraError("provider_failed", `Amazon failed to give ${what}${suffix}`, details);
  if (status === undefined && isOfNetwork(error))
    return new DheeraError(
      "provider_unreachable",
      `the service that gives ${what} could not be reached (${code ?? "no connection"}); check aws_sts_endpoint and the network`,
      details,
    );
  return new DheeraError("provider_auth", `got no ${what}${suffix}; ${remedy}`, details);
}

const sources: Readonly<Record<CredentialSource["from"], { readonly what: string; readonly remedy: string }>> = {
  keys: { what: "AWS keys", remedy: "check aws_access_key_id and aws_secret_access_key" },
  "web identity": {
    what: "AWS keys for the web identity",
    remedy: "check aws_web_identity_token, aws_role_name and the role's trust policy",
  },
  role: { what: "AWS keys of the role", remedy: "check aws_role_name, aws_external_id and the role's trust policy" },
  profile: {
    what: "AWS keys of the profile",
    remedy: "check aws_profile_name, the files with profiles, and whether you are signed in (aws sso login)",
  },
  machine: {
    what: "AWS keys",
    remedy:
      "nothing gives any: neither the deployment (aws_access_key_id, aws_role_name, aws_profile_name …), nor the environment, a profile, a web identity, the container or the instance",
  },
};

function factsOf(error: unknown): { readonly status: number | undefined; readonly code: string | undefined } {
  if (!isRecord(error)) return { status: undefined, code: undefined };
  const { $metadata: metadata, code, name } = error;
  const status = isRecord(metadata) ? metadata["httpStatusCode"] : undefined;
  const word = [code, name].find((text) => typeof text === "string" && /^[A-Za-z]\w{1,63}$/.test(text));
  return {
    status: typeof status === "number" ? status : undefined,
    code: typeof word === "string" && word !== "Error" ? word : undefined,
  };
}

/** Of Node.js and of Amazon's libraries. */
function isOfNetwork(error: unknown): boolean {
  if (!isRecord(error)) return false;
  const { code, name, $metadata: metadata } = error;
  if (typeof code === "string" && /^E[A-Z_]+$/.test(code)) return true;
  return name === "TimeoutError" && metadata !== undefined;
}
