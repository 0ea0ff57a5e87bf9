import {
  type AuthClient,
  AwsClient,
  Compute,
  IdentityPoolClient,
  Impersonated,
  JWT,
  PluggableAuthClient,
  UserRefreshClient,
} from "google-auth-library";

import type { FoundCredentials } from "./find-credentials.ts";
import type { Credentials, Impersonation, SourceCredentials } from "./parse-credentials.ts";

const scopes = ["https://www.googleapis.com/auth/cloud-platform"];
/** Where Google's library exchanges credentials, whatever their file says. */
export const googleTokenUri = "https://oauth2.googleapis.com/token";

/** Google's own client for credentials of this kind. Each is used once: what it gave is kept elsewhere. */
export function clientOf(found: FoundCredentials, fetchImplementation: typeof globalThis.fetch): AuthClient {
  // Core decides about trying again.
  const transporterOptions = { fetchImplementation, retryConfig: { retry: 0, noResponseRetries: 0 } };
  if (found.kind === "machine") return new Compute({ scopes, transporterOptions });
  return clientOfFile(found.file, transporterOptions);
}

type TransporterOptions = NonNullable<ConstructorParameters<typeof JWT>[0]>["transporterOptions"];

function clientOfFile(file: Credentials, transporterOptions: TransporterOptions): AuthClient {
  return file.type === "impersonated_service_account"
    ? impersonated(file, transporterOptions)
    : clientOfSource(file, transporterOptions);
}

function clientOfSource(file: SourceCredentials, transporterOptions: TransporterOptions): AuthClient {
  switch (file.type) {
    case "service_account": {
      const { client_email: email, private_key: key, token_uri: audience } = file;
      const additionalClaims = audience === undefined ? {} : { aud: audience };
      return new JWT({ email, key, scopes, additionalClaims, transporterOptions });
    }
    case "authorized_user": {
      const { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken } = file;
      return new UserRefreshClient({ clientId, clientSecret, refreshToken, transporterOptions });
    }
    case "external_account":
      return workload(file, transporterOptions);
  }
}

function workload(
  file: Extract<SourceCredentials, { type: "external_account" }>,
  transporterOptions: TransporterOptions,
): AuthClient {
  const { credential_source: source, ...rest } = file;
  const { executable, environment_id, regional_cred_verification_url } = source;
  const options = { ...rest, scopes, transporterOptions };
  if (executable) return new PluggableAuthClient({ ...options, credential_source: { executable } });
  if (environment_id !== undefined && regional_cred_verification_url !== undefined)
    return new AwsClient({
      ...options,
      credential_source: { ...source, environment_id, regional_cred_verification_url },
    });
  return new IdentityPoolClient({ ...options, credential_source: source });
}

/** The address holds the account whose token is asked for. */
function impersonated(file: Impersonation, transporterOptions: TransporterOptions): AuthClient {
  const url = new URL(file.service_account_impersonation_url);
  const targetPrincipal = decodeURIComponent(url.pathname.replace(/^.*\/|:[^:]*$/g, ""));
  return new Impersonated({
    sourceClient: clientOfSource(file.source_credentials, transporterOptions),
    targetPrincipal,
    targetScopes: scopes,
    delegates: file.delegates ?? [],
    endpoint: url.origin,
    transporterOptions,
  });
}
