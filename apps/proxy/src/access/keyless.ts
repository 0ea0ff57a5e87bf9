import { DheeraError } from "@dheera-ai/core";

import { isLoopback } from "./addresses.ts";

/**
 * Without any key only programs on this machine are served. A request that came through another proxy may be from another machine. A page in a
 * browser on this machine does not act for its user: it may not post here (its origin shows that), nor point its own host name at this machine (the
 * host header shows that).
 */
export function checkLocalCaller(headers: Pick<Headers, "get">, peer: string | undefined): void {
  if (!isLoopback(peer)) throw refuse("it has no key and so serves only callers on its own machine");
  if (forwardingHeaders.some((name) => headers.get(name) !== null))
    throw refuse("it has no key and so serves no caller through another proxy");
  if (!isLocalHost(headers.get("host")))
    throw refuse("it has no key and so answers only to names of this machine, such as localhost");
  if (comesFromForeignPage(headers)) throw refuse("it has no key and so serves no pages of other sites");
}

const forwardingHeaders = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "x-forwarded-host",
  "x-forwarded-proto",
  "via",
  "cf-connecting-ip",
  "true-client-ip",
  "x-client-ip",
];

function isLocalHost(host: string | null): boolean {
  // HTTP/1.0 and runtimes without a real connection have no Host.
  if (host === null) return true;
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return localNames.test(name);
}

/** 0.0.0.0 and [::] are included, because the proxy prints them when it listens on every address, so people type them. */
const localNames = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])$/;

function comesFromForeignPage(headers: Pick<Headers, "get">): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "cross-site" || site === "same-site";
  const origin = headers.get("origin");
  return origin !== null && !(URL.canParse(origin) && isLocalHost(new URL(origin).host));
}

function refuse(reason: string): DheeraError {
  return new DheeraError(
    "unauthenticated",
    `the proxy refused the request: ${reason}; set general_settings.master_key or DHEERA_AI_MASTER_KEY and send the key as Authorization: Bearer`,
  );
}
