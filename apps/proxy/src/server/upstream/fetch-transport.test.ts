import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

import { bunBinary } from "../../../../../test/support/bun-binary.ts";
import { needs } from "../../../../../test/support/programs.ts";
import { makeCertificates } from "../../fixtures/certificates.ts";
import { listenOnLoopback } from "../../fixtures/serve-http.ts";

describe("fetchTransport", needs("openssl"), () => {
  it("gives Bun the certificates for connections that are encrypted, and for no others", async () => {
    await using certificates = await makeCertificates();
    const { authority, server: own } = certificates;
    const [cert, key] = await Promise.all([own.certificate, own.key].map((path) => readFile(path)));
    await using encrypted = await listenOnLoopback(createTlsServer({ cert, key }, (_, answer) => answer.end("[1]")));
    await using plain = await listenOnLoopback(createServer((_, answer) => answer.end("[2]")));
    const urls = [`https://127.0.0.1:${encrypted.port}`, `http://127.0.0.1:${plain.port}`];
    const viaPlain = { http: "http://proxy.example", https: "", except: "127.0.0.1" };
    const viaEncrypted = { ...viaPlain, http: "https://proxy.example" };
    expect(await send(urls, authority, viaPlain)).toEqual([
      { text: "[1]", isGiven: true },
      { text: "[2]", isGiven: false },
    ]);
    // Bun may have to open an encrypted connection to the proxy then.
    expect(await send(urls, authority, viaEncrypted)).toMatchObject([{ isGiven: true }, { isGiven: true }]);
  });
});

/** What Bun's `fetch` was given and answered, for each URL in turn. */
async function send(urls: readonly string[], authority: string, proxies: object): Promise<unknown> {
  const code = `
    import { readFileSync } from "node:fs";
    import { fetchTransport } from ${JSON.stringify(join(import.meta.dirname, "fetch-transport.ts"))};
    const fetch = globalThis.fetch;
    let isGiven;
    globalThis.fetch = (url, init) => { isGiven = init.tls !== undefined; return fetch(url, init); };
    const tls = { ca: readFileSync(${JSON.stringify(authority)}, "utf8") };
    const transport = fetchTransport({ tls, proxies: ${JSON.stringify(proxies)} }, 1_000, {});
    const answers = [];
    for (const url of ${JSON.stringify(urls)}) {
      const { text } = await transport.send({ url, method: "POST", headers: {}, body: "[]", signal: undefined });
      answers.push({ text, isGiven });
    }
    console.log(JSON.stringify(answers));`;
  const { stdout } = await promisify(execFile)(bunBinary(), ["--conditions=source", "-e", code], { env: {} });
  return JSON.parse(stdout);
}
