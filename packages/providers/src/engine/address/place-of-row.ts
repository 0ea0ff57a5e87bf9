import type { Target } from "@dheera-ai/core";
import { type Environment, findPlace, type PlaceRules } from "@dheera-ai/core/provider-utils";

import { findKey } from "./find-key.ts";
import { matchesGlob } from "../glob.ts";
import type { Row } from "../row.ts";

/** Where the documents of a deployment go, and which key goes with them. */
export interface PlaceOfRow {
  /** Before the row's path. */
  readonly base: URL;
  readonly key: string | undefined;
  /** Whether it is the provider's own address. */
  readonly isOwn: boolean;
}

/**
 * The address that the deployment names, else a variable, else the provider's own; with the deployment's key, else one of
 * the environment that may go there.
 * @throws DheeraError `invalid_request` when there is no usable address, or a key that no header may hold
 */
export function placeOfRow(
  row: Row,
  { apiBase, apiKey }: Pick<Target, "apiBase" | "apiKey">,
  environment: Environment,
): PlaceOfRow {
  const { url, saidBy, keyVariables } = findPlace(placeRules(row), apiBase, environment);
  const key = findKey(apiKey, keyVariables, environment, row.name);
  const base = (saidBy === "default" && baseByKey(row, key)) || url;
  return { base, key, isOwn: isOwnAddress(row, base) };
}

/** Whose key goes where, as core decides it for every provider. */
export function placeRules(row: Row): PlaceRules {
  const { name, api_base, api_base_env = [], api_key_env = [] } = row;
  const [twin] = api_key_env;
  return {
    provider: name,
    ...(api_base !== undefined && { publicBase: api_base }),
    isPublic: (url) => isOwnAddress(row, url),
    publicKeys: api_key_env,
    variables: api_base_env.map((base) => (twin === undefined ? { base } : { base, key: twin })),
  };
}

function baseByKey({ api_base_by_key = {} }: Row, key: string | undefined): URL | undefined {
  if (key === undefined) return undefined;
  const base = Object.entries(api_base_by_key).find(([start]) => key.startsWith(start))?.[1];
  return base === undefined ? undefined : new URL(base);
}

function isOwnAddress({ api_base, api_base_by_key = {}, hosts = [] }: Row, url: URL): boolean {
  const own = [...(api_base === undefined ? [] : [api_base]), ...Object.values(api_base_by_key)];
  if (own.some((base) => URL.parse(base)?.origin === url.origin)) return true;
  return url.protocol === "https:" && url.port === "" && hosts.some((host) => matchesGlob(host, url.hostname));
}
