import { getPathNoStrict } from "hono/utils/url";

/**
 * The path that routes are found by: without a slash at the end, and with single slashes where it is one for reranking,
 * because a base URL that ends in a slash makes `//v1/rerank`. Other paths stay as they are, so that a filter before the
 * proxy sees the path that is served.
 */
export function pathOf(request: Request): string {
  const path = getPathNoStrict(request);
  return path.includes("//") && path.endsWith("/rerank") ? path.replaceAll(/\/{2,}/g, "/") : path;
}
