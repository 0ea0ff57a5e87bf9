import type { Environment } from "../../config/read/resolve-references.ts";

/** The proxies through which upstreams are reached, as programs take them from the environment. */
export interface OutgoingProxies {
  /** URL of the proxy for `http://` upstreams; empty for none. */
  readonly http: string;
  /** URL of the proxy for `https://` upstreams; empty for none. */
  readonly https: string;
  /** Hosts that are reached without: names with their subdomains, `host:port`, `*`. */
  readonly except: string;
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; the small letters win, as in curl. Undefined where no
 * proxy is named. This machine is never reached through a proxy, because the proxy would mean its own machine.
 * @throws Error for an address that is no URL; it is not quoted, because it may hold a password
 */
export function readOutgoingProxies(environment: Environment): OutgoingProxies | undefined {
  const [http, https] = [urlOf("HTTP_PROXY", environment), urlOf("HTTPS_PROXY", environment)];
  if (http === "" && https === "") return undefined;
  return { http, https, except: [valueOf("NO_PROXY", environment), ...thisMachine].filter(Boolean).join(",") };
}

const thisMachine = ["localhost", "127.0.0.1", "::1"];

function urlOf(name: string, environment: Environment): string {
  const [given, from] = valueOf(name, environment)
    ? [valueOf(name, environment), name]
    : [valueOf("ALL_PROXY", environment), "ALL_PROXY"];
  if (given === "") return "";
  // Many write host:port alone.
  const url = given.includes("://") ? given : `http://${given}`;
  if (!URL.canParse(url)) throw new Error(`${from} must be the address of a proxy, such as http://proxy.example:3128`);
  return url;
}

function valueOf(name: string, environment: Environment): string {
  return (environment[name.toLowerCase()] || environment[name] || "").trim();
}
