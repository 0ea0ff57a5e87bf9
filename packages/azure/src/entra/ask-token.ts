import { DheeraError, type Http } from "@dheera-ai/core";
import type { Environment, Exchanged } from "@dheera-ai/core/provider-utils";
import {
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";

import type { EntraCredential } from "../find-credential.ts";
import { exchangeFailure } from "./exchange-failure.ts";
import { type LibraryHttp, libraryHttp } from "./library-http.ts";

export interface TokenRequest {
  readonly http: Http;
  readonly credential: Exclude<EntraCredential, { kind: "token" }>;
  readonly scope: string;
  readonly environment: Environment;
}

/** Has Microsoft's own library ask Entra, or the machine, for a token. */
export async function askToken(
  { http, credential, scope, environment }: TokenRequest,
  signal: AbortSignal,
): Promise<Exchanged<string>> {
  const wire = libraryHttp(http, signal);
  try {
    const client = clientOf(credential, wire, environment);
    const answer = await client.getToken(scope, { abortSignal: signal });
    if (!answer || !/^[\x21-\x7e]+$/.test(answer.token))
      throw new DheeraError("provider_bad_response", "Microsoft Entra's answer holds no token", {
        provider: "azure_ai",
      });
    return { value: answer.token, expiresAt: new Date(answer.expiresOnTimestamp) };
  } catch (error) {
    throw exchangeFailure(error, wire.failure(), credential.kind);
  }
}

/** Each is used once: what it gave is kept elsewhere. */
function clientOf(
  credential: TokenRequest["credential"],
  { client: httpClient }: LibraryHttp,
  environment: Environment,
): TokenCredential {
  const authorityHost = environment["AZURE_AUTHORITY_HOST"]?.trim();
  const authority = authorityHost ? { authorityHost } : {};
  // Core decides about trying again, and only the address that is meant is asked.
  const options = { ...authority, httpClient, retryOptions: { maxRetries: 0 }, disableInstanceDiscovery: true };
  const { clientId, tenantId } = credential;
  switch (credential.kind) {
    case "application":
      return new ClientSecretCredential(credential.tenantId, credential.clientId, credential.clientSecret, options);
    case "workload":
      return new WorkloadIdentityCredential({ ...options, ...given({ clientId, tenantId }) });
    // These have HTTP of their own: the library keeps the first that a process gives it for a machine's tokens for good,
    // and the host's connections end with a configuration that is replaced.
    case "managed":
      return new ManagedIdentityCredential(given({ clientId }));
    case "default":
      return new DefaultAzureCredential({ ...authority, ...given({ managedIdentityClientId: clientId }) });
  }
}

/** Without what is undefined: the library then looks for it elsewhere. */
function given<Name extends string>(
  options: Readonly<Record<Name, string | undefined>>,
): Partial<Record<Name, string>> {
  const set: Partial<Record<Name, string>> = {};
  for (const name in options) if (options[name] !== undefined) set[name] = options[name];
  return set;
}
