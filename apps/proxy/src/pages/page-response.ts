import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

import type { PageAssets } from "./page-assets.ts";

const contentTypes: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * Answers with a file that browsers load. Browsers check each time whether it has changed, so an upgrade shows at once.
 */
export function pageResponse(name: string, text: string, headers: Readonly<Record<string, string>>): Response {
  const contentType = contentTypes[name.slice(name.lastIndexOf(".") + 1)] ?? "text/plain; charset=utf-8";
  return new Response(text, { headers: { ...headers, "content-type": contentType, "cache-control": "no-cache" } });
}

/**
 * Loads the files of all pages at the first request for one, so that a proxy without such requests keeps no pages in
 * memory.
 */
export async function loadPageAssets(): Promise<PageAssets> {
  const { pageAssets } = await import("./page-assets.ts");
  return pageAssets;
}

/**
 * A page loads files from this proxy only, runs no script but these files, calls no other server and is shown in no
 * other page.
 */
export const pageHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  // Only the operator knows whether a host is reached by HTTPS only.
  strictTransportSecurity: false,
});
