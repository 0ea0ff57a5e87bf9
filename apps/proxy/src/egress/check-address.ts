import { lookup } from "node:dns/promises";

import { DheeraError } from "@dheera-ai/core";

import type { Resolve } from "../server/upstream/upstream-lookup.ts";
import { parseAddress } from "./address-kinds.ts";
import { type EgressRules, networksSetting } from "./egress-rules.ts";

/** No address of a service is longer. */
const mostCharacters = 2_048;

/**
 * Reads an address that somebody adds. Names are not looked up: `checkResolved` does that, and each connection again.
 * @param field where it stands, for messages: `litellm_params.api_base`
 * @throws DheeraError `invalid_request` naming the field and the remedy; the address is not quoted, because it may hold a password
 */
export function checkAddress(text: string, rules: EgressRules, field: string): URL {
  const refuse = (reason: string): never => {
    throw new DheeraError("invalid_request", `${field} ${reason}`, { param: field });
  };
  if (text.length > mostCharacters) return refuse(`must have at most ${mostCharacters} characters`);
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    return refuse("must be a URL that begins with https://");
  if (url.username !== "" || url.password !== "")
    return refuse("must hold no user and no password: give them as the key");
  if (url.port === "0") return refuse("must have a port from 1 to 65535");
  const host = hostOf(url);
  const refusal = parseAddress(host) === undefined ? undefined : rules.whyRefused(host, url.protocol);
  if (refusal !== undefined) return refuse(`names an address that ${refusal}`);
  if (url.protocol === "http:" && !rules.allowsPrivate)
    return refuse(`must begin with https:// (http:// is for servers in ${networksSetting}, which lists none)`);
  return url;
}

/**
 * Looks up the name in an address that `checkAddress` let pass, so that who adds it learns at once what no connection would be opened to.
 * A name that cannot be looked up now passes: what it means is checked at each connection anyway.
 * @throws DheeraError `invalid_request` naming the field
 */
export async function checkResolved(
  url: URL,
  rules: EgressRules,
  field: string,
  resolve: Resolve = lookup,
): Promise<void> {
  const waited = Promise.withResolvers<readonly []>();
  const timer = setTimeout(() => waited.resolve([]), mostMilliseconds);
  const found = await Promise.race([resolve(hostOf(url), { all: true }), waited.promise]).catch(() => []);
  clearTimeout(timer);
  for (const { address } of found) {
    const refusal = rules.whyRefused(address, url.protocol);
    if (refusal !== undefined)
      throw new DheeraError("invalid_request", `${field} names a host whose address ${refusal}`, { param: field });
  }
}

const mostMilliseconds = 2_000;

/** Without the brackets of IPv6 addresses. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}
