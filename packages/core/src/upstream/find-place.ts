import { DheeraError } from "../errors.ts";
import type { Environment } from "../lib/environment.ts";

/** Where the models of one provider can be, and whose keys go there. */
export interface PlaceRules {
  readonly provider: string;
  /** The provider's own public address. Absent for servers of one's own: they have to be named. */
  readonly publicBase?: string;
  /** Whether an address is the provider's own; none is when absent. */
  readonly isPublic?: (url: URL) => boolean;
  /** Variables with a key for the provider's own addresses. */
  readonly publicKeys?: readonly string[];
  /**
   * Variables with the address of a server, for deployments that name none; the first that is set counts. `key` is the
   * variable with the key for that address.
   */
  readonly variables?: readonly { readonly base: string; readonly key?: string }[];
}

/** Where a deployment's documents go, and who said so. */
export interface Place {
  readonly url: URL;
  /** `api_base`, the name of a variable, or `default` for the provider's own address. */
  readonly saidBy: string;
  /** Variables whose key may be sent there where the deployment has none of its own; the first that is set counts. */
  readonly keyVariables: readonly string[];
}

/**
 * Decides where the documents of a deployment go: to its `api_base`, else to the address in the environment, else to
 * the provider's own. A key of the environment goes to the address of its twin (`X_API_KEY` to `X_API_BASE`) and, where
 * there is no such address, to the provider's own hosts; to no other.
 * @throws DheeraError `invalid_request` when nothing names an address, or it is no usable URL
 */
export function findPlace(rules: PlaceRules, apiBase: string | undefined, environment: Environment): Place {
  const set = (rules.variables ?? []).filter(({ base }) => environment[base]);
  const { base = rules.publicBase, saidBy } =
    apiBase === undefined
      ? { base: environment[set[0]?.base ?? ""], saidBy: set[0]?.base ?? "default" }
      : { base: apiBase, saidBy: "api_base" };
  if (base === undefined) throw noAddress(rules);
  const url = parseBase(base, saidBy, rules.provider);
  return { url, saidBy, keyVariables: keysFor(url, rules, set, environment) };
}

function keysFor(
  url: URL,
  { isPublic, publicKeys = [] }: PlaceRules,
  set: NonNullable<PlaceRules["variables"]>,
  environment: Environment,
): readonly string[] {
  const twins = set.flatMap(({ base, key }) => (key === undefined ? [] : [{ base: environment[base], key }]));
  const belongsElsewhere = new Set(twins.map(({ key }) => key));
  const here = twins.filter(({ base }) => base !== undefined && isSame(base, url)).map(({ key }) => key);
  return isPublic?.(url) ? [...here, ...publicKeys.filter((key) => !belongsElsewhere.has(key))] : here;
}

function isSame(base: string, url: URL): boolean {
  const other = URL.parse(base.trim());
  return other !== null && withoutEnd(other).href === url.href;
}

function parseBase(base: string, name: string, provider: string): URL {
  const url = URL.parse(base.trim());
  const refuse = (problem: string): DheeraError =>
    new DheeraError("invalid_request", `${name} ${problem}`, { param: name, provider });
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw refuse("must be a URL that begins with http:// or https://");
  if (url.username || url.password) throw refuse("holds a user name or password; give the key as api_key instead");
  return withoutEnd(url);
}

/** Without slashes at the end of the path, which mean nothing, and without a fragment, which is never sent. */
function withoutEnd(url: URL): URL {
  const shortened = new URL(url);
  shortened.pathname = url.pathname.replace(/\/+$/, "");
  shortened.hash = "";
  return shortened;
}

function noAddress({ provider, variables = [] }: PlaceRules): DheeraError {
  const remedy = ["set api_base", ...variables.map(({ base }) => base)].join(", or ");
  return new DheeraError("invalid_request", `${provider} needs the address of the server: ${remedy}`, {
    param: "api_base",
    provider,
  });
}
