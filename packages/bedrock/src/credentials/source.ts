import { DheeraError } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import type { Options } from "../parse-options.ts";

/** Where the keys that sign come from. */
export type CredentialSource =
  | StaticKeys
  | {
      readonly from: "web identity";
      /** As LiteLLM has it: the token, or `oidc/file/…`, `oidc/env/…`, `oidc/env_path/…`, `oidc/circleci`. */
      readonly token: string;
      readonly role: string;
      readonly session: string;
      readonly sts: Sts;
    }
  | {
      readonly from: "role";
      readonly role: string;
      readonly session: string;
      readonly externalId: string | undefined;
      /** Who takes the role on. */
      readonly base: CredentialSource;
      readonly sts: Sts;
    }
  | { readonly from: "profile"; readonly profile: string; readonly sts: Sts }
  /** What the machine has: keys of the environment, profile, web identity, container, instance. */
  | { readonly from: "machine"; readonly sts: Sts };

interface StaticKeys {
  readonly from: "keys";
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** The service that hands out the keys of a role. */
export interface Sts {
  readonly region: string | undefined;
  /** Absent for Amazon's own of the region. */
  readonly endpoint: string | undefined;
}

/**
 * Finds it in LiteLLM's order: web identity, role, profile, keys; then what the machine has. What the deployment says
 * wins as a whole over what the environment says, so that no key is put together of halves.
 * @throws DheeraError `invalid_request` for parameters that need another one
 */
export function findSource(options: Options, region: string | undefined, environment: Environment): CredentialSource {
  const sts = findSts(options, region, environment);
  return (
    sourceIn(options, { ...options, ...details(options, environment) }, sts, environment) ??
    sourceIn(fromEnvironment(environment), details(options, environment), sts, environment) ?? { from: "machine", sts }
  );
}

/** Whether the deployment itself says whose keys sign. */
export function namesSource(options: Options): boolean {
  const { aws_access_key_id, aws_profile_name, aws_role_name, aws_web_identity_token } = options;
  return [aws_access_key_id, aws_profile_name, aws_role_name, aws_web_identity_token].some(Boolean);
}

interface Details {
  readonly role: string | undefined;
  readonly session: string;
  readonly externalId: string | undefined;
}

/** What may stand in either place. */
function details(options: Options, environment: Environment): Details {
  return {
    role: options.aws_role_name ?? (environment["AWS_ROLE_NAME"] || undefined),
    session: options.aws_session_name ?? (environment["AWS_SESSION_NAME"] || "dheera-ai"),
    externalId: options.aws_external_id ?? (environment["AWS_EXTERNAL_ID"] || undefined),
  };
}

function sourceIn(
  named: Options,
  { role, session, externalId }: Details,
  sts: Sts,
  environment: Environment,
): CredentialSource | undefined {
  const token = named.aws_web_identity_token;
  if (token !== undefined) {
    if (role === undefined)
      throw new DheeraError("invalid_request", "aws_web_identity_token needs aws_role_name: the role it is given for", {
        param: "aws_role_name",
        provider: "bedrock",
      });
    return { from: "web identity", token, role, session, sts };
  }
  const base = profileOrKeys(named, sts);
  if (named.aws_role_name === undefined) return base;
  // A pod that has this role already may not be allowed to take it on again.
  const hasRole = environment["AWS_ROLE_ARN"] === named.aws_role_name && environment["AWS_WEB_IDENTITY_TOKEN_FILE"];
  if (base === undefined && hasRole) return { from: "machine", sts };
  const fallback = profileOrKeys(fromEnvironment(environment), sts) ?? { from: "machine", sts };
  return { from: "role", role: named.aws_role_name, session, externalId, base: base ?? fallback, sts };
}

function profileOrKeys(named: Options, sts: Sts): CredentialSource | undefined {
  const { aws_profile_name: profile, aws_access_key_id: id, aws_secret_access_key: secret } = named;
  if (profile !== undefined) return { from: "profile", profile, sts };
  if (id === undefined || secret === undefined) return undefined;
  return { from: "keys", accessKeyId: id, secretAccessKey: secret, sessionToken: named.aws_session_token };
}

function fromEnvironment(environment: Environment): Options {
  const names = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_profile_name",
    "aws_role_name",
    "aws_web_identity_token",
  ] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name.toUpperCase()];
      return value ? [[name, value]] : [];
    }),
  );
}

function findSts(options: Options, region: string | undefined, environment: Environment): Sts {
  const endpoint = options.aws_sts_endpoint ?? (environment["AWS_STS_ENDPOINT"] || undefined);
  const inHost = /(?:^|\.)sts(?:-fips)?\.([a-z0-9-]+)\./.exec(URL.parse(endpoint ?? "")?.hostname ?? "")?.[1];
  return { endpoint, region: inHost ?? region };
}
