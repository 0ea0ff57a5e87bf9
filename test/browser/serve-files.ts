import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";

import { serveHttp } from "../support/serve-http.ts";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

/** A server that knows nothing but the files of a folder, and gives a folder's `index.html`. */
export function serveFiles(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  return serveHttp((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://files");
    const path = join(folder, decodeURIComponent(pathname), pathname.endsWith("/") ? "index.html" : "");
    readFile(path).then(
      (content) =>
        response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(content),
      () => response.writeHead(404).end(),
    );
  });
}
