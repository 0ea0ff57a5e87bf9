import { createHash, createHmac } from "node:crypto";

import type { UpstreamRequest } from "@dheera-ai/core/testing";

/** Who is said to have signed, and what for. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

/**
 * Whether a request that arrived is signed by these keys: Signature Version 4 as its specification has it, written apart
 * from the library that signs, and proven by Amazon's published examples.
 */
export function isSigned(request: UpstreamRequest, { accessKeyId, secretAccessKey, region, service }: Signer): boolean {
  const { headers } = request;
  const header = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
    headers["authorization"] ?? "",
  );
  const [, credential, signedHeaders = "", signature] = header ?? [];
  const time = headers["x-amz-date"] ?? "";
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const names = signedHeaders.split(";");
  if (credential !== `${accessKeyId}/${scope}` || !names.includes("host") || !names.includes("x-amz-date"))
    return false;
  const [path = "", query = ""] = request.path.split("?");
  const canonical = [
    request.method,
    // Every service but S3 encodes once more what is encoded already.
    path.split("/").map(encodeStrictly).join("/"),
    query.split("&").sort().join("&"),
    ...names.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    signedHeaders,
    sha256(request.text),
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  return signature === hmac(key, toSign).toString("hex");
}

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
