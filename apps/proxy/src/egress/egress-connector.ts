import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";

import { DheeraError } from "@dheera-ai/core";
import type { buildConnector } from "undici";
import createConnector from "undici/lib/core/connect.js";

import type { Tls } from "../server/upstream/tls.ts";
import { type Resolve, createLookup } from "../server/upstream/upstream-lookup.ts";
import { parseAddress } from "./address-kinds.ts";
import type { EgressRules } from "./egress-rules.ts";

/**
 * Opens connections as undici does, to addresses that the rules allow. What a name means is checked here and nowhere before, with the
 * addresses that the connection is then opened to: a name may mean another one at each look.
 */
export function createEgressConnector(rules: EgressRules, tls: Tls = {}, resolve?: Resolve): buildConnector.connector {
  const lookup = createLookup(resolve);
  const connectorOf = (protocol: string): buildConnector.connector =>
    createConnector({ ...tls, allowH2: false, lookup: checkedLookup(lookup, rules, protocol) });
  const [secure, plain] = [connectorOf("https:"), connectorOf("http:")];
  return (options, callback) => {
    const { hostname, protocol } = options;
    const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
    // Node.js looks up no address that is written as one.
    const refusal = parseAddress(host) === undefined ? undefined : rules.whyRefused(host, protocol);
    if (refusal !== undefined) callback(refusedConnection(host, refusal), null);
    else if (protocol === "https:") secure(options, callback);
    else plain(options, callback);
  };
}

/** Of several addresses none may be refused, because any of them may be the one that answers. */
function checkedLookup(lookup: LookupFunction, rules: EgressRules, protocol: string): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      if (error !== null) return callback(error, found, family);
      const addresses = typeof found === "string" ? [found] : found.map(({ address }: LookupAddress) => address);
      const refusals = addresses.map((address) => rules.whyRefused(address, protocol));
      const refusal = refusals.find((reason) => reason !== undefined);
      if (refusal === undefined) callback(null, found, family);
      else callback(refusedConnection(hostname, refusal), "", 0);
    });
  };
}

/** Asking again is of no use, so it is not retried. The address itself is not named: callers see the message. */
function refusedConnection(hostname: string, reason: string): DheeraError {
  const what = parseAddress(hostname) === undefined ? `the address of ${hostname}` : "the address";
  return new DheeraError("provider_unreachable", `no connection was opened: ${what} ${reason}`, { permanent: true });
}
