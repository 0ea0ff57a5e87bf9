import type { PageAssets } from "./page-assets.ts";

const contentTypes: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Answers with a file that browsers load. They ask each time whether it is still the same, so an upgrade shows at once. */
export function pageResponse(name: string, text: string, headers: Readonly<Record<string, string>>): Response {
  const contentType = contentTypes[name.slice(name.lastIndexOf(".") + 1)] ?? "text/plain; charset=utf-8";
  return new Response(text, { headers: { ...headers, "content-type": contentType, "cache-control": "no-cache" } });
}

/** Loaded when the first page is asked for: a proxy without visitors carries no pages in its memory. */
export async function loadPageAssets(): Promise<PageAssets> {
  const { pageAssets } = await import("./page-assets.ts");
  return pageAssets;
}
