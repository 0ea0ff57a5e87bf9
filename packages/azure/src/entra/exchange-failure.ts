import { DheeraError, isDheeraError, isHttpError } from "@dheera-ai/core";
import * as v from "valibot";

import type { EntraCredential } from "../find-credential.ts";

/**
 * What asking for a token ended with, as core knows it. The library's own messages are not repeated, because they may hold
 * what was sent.
 * @param failure What the host's HTTP ended with, where the library used it.
 */
export function exchangeFailure(error: unknown, failure: unknown, kind: EntraCredential["kind"]): unknown {
  if (isDheeraError(error)) return error;
  if (failure === undefined || (isHttpError(failure) && isForGood(failure.status)))
    return new DheeraError("provider_auth", `Microsoft Entra gave no token${told(failure)}; ${remedies[kind]}`, {
      cause: failure ?? error,
      provider: "azure_ai",
    });
  return failure;
}

const remedies = {
  token: "check azure_ad_token",
  application: "check tenant_id, client_id and client_secret, and azure_scope",
  managed: "check that this machine has a managed identity, and client_id where it has several",
  workload: "check that the pod has a workload identity (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE)",
  default: "sign in (az login), or give this machine an identity; what Microsoft's DefaultAzureCredential tries counts",
} as const satisfies Record<EntraCredential["kind"], string>;

function isForGood(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** OAuth's word for it, such as `invalid_client`, and never the sentence beside it. */
function told(failure: unknown): string {
  if (!isHttpError(failure)) return "";
  const parsed = v.safeParse(schema, failure.body);
  return ` (HTTP ${failure.status}${parsed.success ? `, ${parsed.output.error}` : ""})`;
}

const schema = v.object({ error: v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/)) });
