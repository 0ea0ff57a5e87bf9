import volcengineSigner from "@volcengine/openapi/lib/base/sign.js";

import type { VolcKeys } from "./find-keys.ts";

/**
 * The vendor's signer alone: the rest of its package, which is large, is never loaded. Loaders and bundlers differ in what
 * the default of a CommonJS module is.
 */
const Signer = "default" in volcengineSigner ? volcengineSigner.default : volcengineSigner;

/** The headers of a POST of JSON, signed for VikingDB: of this very body, at this time. */
export async function sign(
  url: URL,
  body: string,
  { keys, region, date }: { readonly keys: VolcKeys; readonly region: string; readonly date: Date },
): Promise<Readonly<Record<string, string>>> {
  const request = {
    method: "POST",
    region,
    pathname: url.pathname,
    params: Object.fromEntries(url.searchParams),
    // What every `fetch` sends for this URL.
    headers: { host: url.host, "content-type": "application/json", accept: "application/json" },
    body,
  };
  const { accessKeyId, secretKey, sessionToken } = keys;
  // The hash is made by the runtime: the signer's own takes a hundred times as long.
  const signer = new Signer(request, "vikingdb", { bodySha256: await sha256(body) });
  signer.addAuthorization({ accessKeyId, secretKey, ...(sessionToken !== undefined && { sessionToken }) }, date);
  const { host: _host, ...headers }: Readonly<Record<string, string>> = request.headers;
  return headers;
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
