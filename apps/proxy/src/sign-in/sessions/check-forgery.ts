import { createHmac, timingSafeEqual } from "node:crypto";

import { DheeraError } from "@dheera-ai/core";

import type { OwnAddress } from "../own-address.ts";

/** The header in which pages send the token of their session. */
export const forgeryHeader = "x-dheera-csrf";

/** The token that proves that a request comes from a page that may read this proxy's answers. */
export function forgeryToken(cookie: string): string {
  return createHmac("sha256", cookie).update("x-dheera-csrf").digest("base64url");
}

/**
 * Refuses a request that a page of another site made its user's browser send, with the user's cookie. Requests that change
 * nothing pass: their answers cannot be read by other sites.
 * @throws DheeraError `forbidden`
 */
export function checkForgery(
  request: Pick<Request, "method" | "headers" | "url">,
  cookie: string,
  own: OwnAddress,
): void {
  if (harmless.has(request.method)) return;
  checkSameOrigin(request, own);
  const given = Buffer.from(request.headers.get(forgeryHeader) ?? "");
  const right = Buffer.from(forgeryToken(cookie));
  if (given.length !== right.length || !timingSafeEqual(given, right))
    throw new DheeraError(
      "forbidden",
      `a request with a session's cookie needs the session's token in the header ${forgeryHeader}; GET /sso/session gives it`,
    );
}

/**
 * Refuses what a browser sends for a page of another origin. Programs other than browsers say nothing of an origin.
 * @throws DheeraError `forbidden`
 */
export function checkSameOrigin({ headers, url }: Pick<Request, "headers" | "url">, { baseUrl }: OwnAddress): void {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  // The host alone: a proxy before this one may have ended TLS.
  const isOwn = (text: string): boolean =>
    URL.canParse(text) && [headers.get("host"), new URL(baseUrl ?? url).host].includes(new URL(text).host);
  if ((site === null || site === "same-origin" || site === "none") && (origin === null || isOwn(origin))) return;
  throw new DheeraError(
    "forbidden",
    "the request comes from a page of another site; use the pages of this proxy, and set general_settings.proxy_base_url where people reach it by another name",
  );
}

const harmless: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
