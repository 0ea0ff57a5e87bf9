import { DheeraError, type Target } from "@dheera-ai/core";
import { type Environment, findPlace } from "@dheera-ai/core/provider-utils";
import { allRows } from "@dheera-ai/providers";

import { credentialNames, type Options } from "./parse-options.ts";

/** What Entra gives a token for; or a token that is there already. */
export type EntraCredential =
  | { readonly kind: "token"; readonly token: string }
  | {
      readonly kind: "application";
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: string;
    }
  | {
      /** What the machine or the cluster is, with the application's id where it has several. */
      readonly kind: "managed" | "workload" | "default";
      readonly clientId: string | undefined;
      readonly tenantId: string | undefined;
    };

const secrets = ["AZURE_AI_API_KEY", "AZURE_AD_TOKEN", "AZURE_CLIENT_SECRET", "AZURE_CREDENTIAL"];

/**
 * The deployment's key, else what it says of Entra, else a key of the environment, else what the environment says of Entra.
 * Undefined where a key is to be used, or there is nothing at all. What the environment has goes to Azure's own hosts and to
 * `AZURE_AI_API_BASE`, to no other address.
 * @throws DheeraError `invalid_request` for an application of which something is missing
 */
export function findCredential(
  options: Options,
  { apiKey, apiBase }: Pick<Target, "apiKey" | "apiBase">,
  environment: Environment,
): EntraCredential | undefined {
  if (apiKey?.trim()) return undefined;
  const allowed = new Set(allowedVariables(apiBase, environment));
  const variable = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const secret = (name: string): string | undefined => (allowed.has(name) ? variable(name) : undefined);

  if (options.azure_ad_token !== undefined) return { kind: "token", token: options.azure_ad_token };
  const clientSecret = options.client_secret ?? secret("AZURE_CLIENT_SECRET");
  const application = {
    tenant_id: options.tenant_id ?? variable("AZURE_TENANT_ID"),
    client_id: options.client_id ?? variable("AZURE_CLIENT_ID"),
    client_secret: clientSecret,
  };
  if (options.azure_credential !== undefined) return named(options.azure_credential, application);
  if (options.tenant_id !== undefined || options.client_id !== undefined || options.client_secret !== undefined)
    return applicationOf(application);

  if (secret("AZURE_AI_API_KEY") !== undefined) return undefined;
  const token = secret("AZURE_AD_TOKEN");
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return { kind: "token", token };
  const asked = credentialNames.find((name) => name === secret("AZURE_CREDENTIAL"));
  if (asked !== undefined) return named(asked, application);
  const isComplete = Object.values(application).every((value) => value !== undefined);
  return isComplete ? applicationOf(application) : undefined;
}

/** As for the key of the row: an address of someone else gets nothing that was not given for it. */
function allowedVariables(apiBase: string | undefined, environment: Environment): readonly string[] {
  const hosts = allRows.find(({ row }) => row.name === "azure_ai")?.row.hosts ?? [];
  return findPlace(
    {
      provider: "azure_ai",
      isPublic: (url) =>
        url.protocol === "https:" && url.port === "" && hosts.some((host) => url.hostname.endsWith(host.slice(1))),
      publicKeys: secrets,
      variables: secrets.map((key) => ({ base: "AZURE_AI_API_BASE", key })),
    },
    apiBase,
    environment,
  ).keyVariables;
}

interface Application {
  readonly tenant_id: string | undefined;
  readonly client_id: string | undefined;
  readonly client_secret: string | undefined;
}

function named(name: (typeof credentialNames)[number], application: Application): EntraCredential {
  if (name === "ClientSecretCredential") return applicationOf(application);
  return { kind: kinds[name], clientId: application.client_id, tenantId: application.tenant_id };
}

const kinds = {
  DefaultAzureCredential: "default",
  ManagedIdentityCredential: "managed",
  WorkloadIdentityCredential: "workload",
} as const;

function applicationOf({ tenant_id, client_id, client_secret }: Application): EntraCredential {
  if (tenant_id !== undefined && client_id !== undefined && client_secret !== undefined)
    return { kind: "application", tenantId: tenant_id, clientId: client_id, clientSecret: client_secret };
  const missing = Object.entries({ tenant_id, client_id, client_secret }).flatMap(([name, value]) =>
    value === undefined ? [name] : [],
  );
  throw new DheeraError(
    "invalid_request",
    `Microsoft Entra needs tenant_id, client_id and client_secret of an application; ${missing.join(" and ")} of this deployment ${missing.length === 1 ? "is" : "are"} missing`,
    { param: missing[0], provider: "azure_ai" },
  );
}
