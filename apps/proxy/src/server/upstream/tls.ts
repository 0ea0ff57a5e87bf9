import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import type { TlsSettings } from "../../config/config.ts";
import type { Environment } from "../../config/read/resolve-references.ts";

/** How connections to upstreams are secured, as Node.js and Bun take it; files are read. */
export interface Tls {
  readonly rejectUnauthorized?: boolean;
  /** Certificates of authorities that are trusted in place of the usual ones. */
  readonly ca?: string;
  /** The proxy's own certificate. */
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Reads the files that the settings name; those of the environment (`SSL_VERIFY`, `SSL_CERT_FILE`, `SSL_CERTIFICATE`)
 * count where a setting is absent. Undefined where nothing differs from the default.
 * @param directory paths are relative to it
 * @throws Error naming the setting whose file cannot be read
 */
export async function readTls(
  settings: TlsSettings,
  environment: Environment,
  directory: string,
): Promise<Tls | undefined> {
  const verify = settings.ssl_verify ?? verifyOf(environment["SSL_VERIFY"]) ?? true;
  const authorities = typeof verify === "string" ? verify : environment["SSL_CERT_FILE"];
  const certificate = settings.ssl_certificate ?? environment["SSL_CERTIFICATE"];
  const read = (path: string, setting: string): Promise<string> =>
    readFile(resolve(directory, path), "utf8").catch((error: unknown) => {
      const reason = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
      throw new Error(`${setting}: the file cannot be read (${reason})`, { cause: error });
    });

  const tls: { rejectUnauthorized?: boolean; ca?: string; cert?: string; key?: string } = {};
  if (verify === false) tls.rejectUnauthorized = false;
  else if (authorities) tls.ca = await read(authorities, typeof verify === "string" ? "ssl_verify" : "SSL_CERT_FILE");
  if (certificate) {
    tls.cert = await read(certificate, settings.ssl_certificate ? "ssl_certificate" : "SSL_CERTIFICATE");
    // One file may hold both.
    tls.key = settings.ssl_key === undefined ? tls.cert : await read(settings.ssl_key, "ssl_key");
  }
  return Object.keys(tls).length === 0 ? undefined : tls;
}

function verifyOf(value: string | undefined): boolean | string | undefined {
  if (!value) return undefined;
  const word = value.toLowerCase();
  if (["false", "0", "no", "off"].includes(word)) return false;
  return ["true", "1", "yes", "on"].includes(word) ? true : value;
}
