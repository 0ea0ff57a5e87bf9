import { DheeraError } from "@dheera-ai/core";
import { type Environment, findPlace, type Place } from "@dheera-ai/core/provider-utils";

import type { Options } from "./parse-options.ts";

/** What signs. Never sent, but for the session's token. */
export interface VolcKeys {
  readonly accessKeyId: string;
  readonly secretKey: string;
  readonly sessionToken: string | undefined;
}

/** Pairs of variables, of Volcengine's SDKs and of VikingDB's examples; the first that is set counts. */
const variables = [
  { id: "VOLC_ACCESSKEY", secret: "VOLC_SECRETKEY" },
  { id: "VIKINGDB_AK", secret: "VIKINGDB_SK" },
] as const;

/** Volcengine's own hosts get a signature by the keys of the environment, and no others do. */
export function findHost(apiBase: string | undefined, region: string, environment: Environment): Place {
  const publicBase = `https://api-vikingdb.vikingdb.${region}.volces.com`;
  const publicKeys = variables.map(({ secret }) => secret);
  return findPlace({ provider: "volcengine", publicBase, isPublic, publicKeys }, apiBase, environment);
}

function isPublic({ protocol, port, hostname }: URL): boolean {
  return protocol === "https:" && port === "" && /^api-vikingdb\.vikingdb\.[a-z0-9-]+\.volces\.com$/.test(hostname);
}

/**
 * The keys of the deployment, else those of the environment that may sign for its address. No pair is put together of both.
 * @param keyVariables of the place that is asked
 * @throws DheeraError `invalid_request` for half a pair. Undefined where there is none at all.
 */
export function findKeys(
  options: Options,
  apiKey: string | undefined,
  keyVariables: readonly string[],
  environment: Environment,
): VolcKeys | undefined {
  const { volc_access_key_id: id, volc_session_token: sessionToken } = options;
  const secret = options.volc_secret_access_key ?? (apiKey?.trim() || undefined);
  if (id !== undefined && secret !== undefined) return { accessKeyId: id, secretKey: secret, sessionToken };
  if (id !== undefined || secret !== undefined)
    throw new DheeraError(
      "invalid_request",
      "volcengine signs with a pair of keys: give volc_access_key_id, and the secret one as api_key",
      { param: id === undefined ? "volc_access_key_id" : "api_key", provider: "volcengine" },
    );
  const allowed = variables.filter((pair) => keyVariables.includes(pair.secret));
  const set = allowed.find((pair) => environment[pair.id]?.trim() && environment[pair.secret]?.trim());
  if (!set) return undefined;
  return {
    accessKeyId: environment[set.id]?.trim() ?? "",
    secretKey: environment[set.secret]?.trim() ?? "",
    sessionToken: undefined,
  };
}
