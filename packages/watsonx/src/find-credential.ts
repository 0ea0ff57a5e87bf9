import { DheeraError } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import { keyVariables, tokenVariables, zenVariables } from "./find-endpoint.ts";
import { firstOf, type Options } from "./parse-options.ts";

/** What proves who asks: a token that is there already, a key of Cloud Pak for Data, or a key that IAM exchanges for a token. */
export type Credential =
  | { readonly kind: "token" | "zen"; readonly value: string }
  | { readonly kind: "key"; readonly value: string; readonly iamUrl: string };

/**
 * What the deployment has, else what the environment has and may be sent to its address: each time a token first, then a
 * key of Cloud Pak for Data, then an API key.
 * @throws DheeraError `invalid_request` when it cannot be sent in a header, or the address of IAM is none
 */
export function findCredential(
  options: Pick<Options, "token" | "zenApiKey" | "credentialsKey" | "iamUrl">,
  apiKey: string | undefined,
  allowed: readonly string[],
  environment: Environment,
): Credential | undefined {
  const ofEnvironment = (names: readonly string[]): string | undefined =>
    firstOf(
      names.filter((name) => allowed.includes(name)),
      environment,
    );
  const own = credentialOf(options.token, options.zenApiKey, options.credentialsKey ?? apiKey?.trim());
  const found =
    own ?? credentialOf(ofEnvironment(tokenVariables), ofEnvironment(zenVariables), ofEnvironment(keyVariables));
  if (found === undefined) return undefined;
  // Checked here because the runtime's own complaint would quote it.
  if (!/^[\x21-\x7e]+$/.test(found.value))
    throw new DheeraError("invalid_request", `the ${names[found.kind]} holds characters that no HTTP header may hold`, {
      param: "api_key",
      provider: "watsonx",
    });
  return found.kind === "key" ? { ...found, kind: "key", iamUrl: iamUrlOf(options.iamUrl, environment) } : found;
}

type Found =
  | { readonly kind: "token" | "zen"; readonly value: string }
  | { readonly kind: "key"; readonly value: string };

function credentialOf(token: string | undefined, zen: string | undefined, key: string | undefined): Found | undefined {
  if (token) return { kind: "token", value: token };
  if (zen) return { kind: "zen", value: zen };
  return key ? { kind: "key", value: key } : undefined;
}

const names = { token: "token", zen: "zen_api_key", key: "key" } as const satisfies Record<Credential["kind"], string>;

/** IBM Cloud's, unless another is named. */
function iamUrlOf(own: string | undefined, environment: Environment): string {
  const named = own ?? firstOf(["WATSONX_IAM_URL"], environment) ?? "https://iam.cloud.ibm.com/identity/token";
  const url = URL.parse(named);
  const param = own === undefined ? "WATSONX_IAM_URL" : "iam_url";
  if (url?.protocol !== "https:" && url?.protocol !== "http:")
    throw new DheeraError("invalid_request", `${param} must be a URL that begins with http:// or https://`, {
      param,
      provider: "watsonx",
    });
  return url.href;
}
