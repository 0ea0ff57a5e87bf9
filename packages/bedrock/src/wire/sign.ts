import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";

import type { AwsKeys } from "../credentials/aws-sdk.ts";

export interface Signable {
  readonly url: URL;
  readonly body: string;
  readonly region: string;
  readonly keys: AwsKeys;
  /** When it is signed, by the server's clock. */
  readonly date: Date;
}

/** The headers of a POST of JSON, signed by Signature Version 4: of this very body, for five minutes. */
export async function sign({ url, body, region, keys, date }: Signable): Promise<Readonly<Record<string, string>>> {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const signer = new SignatureV4({
    service: "bedrock",
    region,
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  });
  const signed = await signer.sign(
    {
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      // What every `fetch` sends for this URL: the port only where it is not the protocol's own.
      headers: { host: url.host, "content-type": "application/json", accept: "application/json" },
      body,
    },
    { signingDate: date },
  );
  const { host: _host, ...headers } = signed.headers;
  return headers;
}
