import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type ServerOptions, createServer } from "node:https";
import { TLSSocket } from "node:tls";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { type Certificates, makeCertificates } from "../../fixtures/certificates.ts";
import { startConnectProxy } from "../../fixtures/connect-proxy.ts";
import { startProxy } from "../../fixtures/start-proxy.ts";
import { startUpstream } from "../../fixtures/start-upstream.ts";
import { serverPort } from "../server-address.ts";
import { readOutgoingProxies } from "./outgoing-proxies.ts";

const request = { model: "m", query: "q", documents: ["a", "b"] };

describe("a server whose certificate is signed by an authority of one's own", needs("openssl"), () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });
  afterAll(() => certificates[Symbol.asyncDispose]());

  it("is refused without a setting", async () => {
    await using server = await serveTls(certificates);
    expect(await rankWith(server.url, "")).toEqual({ status: 502 });
  });

  it.each([
    ["of the deployment, ssl_verify: false", "ssl_verify: false", "", {}],
    ["of the deployment, its authority", "ssl_verify: AUTHORITY", "", {}],
    ["of all deployments", "", "litellm_settings: { ssl_verify: AUTHORITY }", {}],
    ["of the environment, SSL_CERT_FILE", "", "", { SSL_CERT_FILE: "AUTHORITY" }],
    ["of the environment, SSL_VERIFY", "", "", { SSL_VERIFY: "False" }],
    ["of the configuration's environment", "", "environment_variables: { SSL_CERT_FILE: AUTHORITY }", {}],
  ])("is called with one %s", async (_, params, more, environment) => {
    await using server = await serveTls(certificates);
    expect(await rankWith(server.url, params, more, environment)).toMatchObject({ status: 200 });
  });

  it("stays refused where a deployment's own setting says so", async () => {
    await using server = await serveTls(certificates);
    const more = "litellm_settings: { ssl_verify: false }";
    expect(await rankWith(server.url, "ssl_verify: true", more)).toMatchObject({ status: 502 });
  });

  it("sees the certificate of the proxy, and no other deployment shows it", async () => {
    await using server = await serveTls(certificates, { requestCert: true });
    const { certificate, key } = certificates.client;
    const verify = "ssl_verify: AUTHORITY";
    await rankWith(server.url, `${verify}, ssl_certificate: ${certificate}, ssl_key: ${key}`);
    await rankWith(server.url, verify);
    const both = await certificates.folder.write(
      "both.pem",
      (await readFile(certificate, "utf8")) + (await readFile(key, "utf8")),
    );
    await rankWith(server.url, `${verify}, ssl_certificate: ${both}`);
    expect(server.peers).toEqual(["client", undefined, "client"]);
  });

  it("is reached through the proxy of the environment, by its name, in a tunnel", async () => {
    await using server = await serveTls(certificates);
    await using proxy = await startConnectProxy(server.port);
    const ways: readonly Readonly<Record<string, string>>[] = [
      { HTTPS_PROXY: proxy.url },
      { https_proxy: proxy.url.replace("http://", "") },
      { ALL_PROXY: proxy.url },
    ];
    for (const environment of ways)
      expect(await rankWith("https://rerank.test", "ssl_verify: AUTHORITY", "", environment)).toMatchObject({
        status: 200,
      });
    expect(proxy.asked).toEqual(["CONNECT rerank.test:443", "CONNECT rerank.test:443", "CONNECT rerank.test:443"]);
    expect(await rankWith("https://rerank.test", "", "", { HTTPS_PROXY: proxy.url })).toMatchObject({ status: 502 });
  });

  it("is no mistake of the configuration, but a file that is not there is, and nothing is served", async () => {
    for (const [params, more] of [
      ["ssl_verify: /absent.pem", ""],
      ["", "litellm_settings: { ssl_verify: /absent.pem }"],
    ] as const)
      await expect(rankWith("https://rerank.test", params, more)).rejects.toThrow(
        "ssl_verify: the file cannot be read (ENOENT)",
      );
  });

  async function rankWith(
    url: string,
    params: string,
    more = "",
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number }> {
    const here = (text: string): string => text.replaceAll("AUTHORITY", certificates.authority);
    const variables = Object.entries(environment).map(([name, value]) => [name, here(value)] as const);
    const yaml = `
model_list: [{ model_name: m, litellm_params: { model: cohere/x, api_base: "${url}", max_retries: 0${params && `, ${here(params)}`} } }]
${here(more)}`;
    await using proxy = await startProxy({ yaml, environment: Object.fromEntries(variables) });
    const { status } = await proxy.post("/rerank", request);
    return { status };
  }
});

describe("HTTP_PROXY", () => {
  it("is the way to servers without TLS, but not to this machine and not to those of NO_PROXY", async () => {
    await using upstream = await startUpstream(({ outgoing }) => void outgoing.end(JSON.stringify(ranking)));
    const { port } = new URL(upstream.url);
    await using proxy = await startConnectProxy(Number(port));
    const rank = async (base: string, environment: Readonly<Record<string, string>>): Promise<number> => {
      const yaml = `model_list: [{ model_name: m, litellm_params: { model: cohere/x, api_base: "${base}", max_retries: 0 } }]`;
      await using gateway = await startProxy({ yaml, environment });
      return (await gateway.post("/rerank", request)).status;
    };
    const environment = { HTTP_PROXY: proxy.url };
    expect(await rank("http://rerank.test", environment)).toBe(200);
    expect(proxy.asked).toHaveLength(1);
    expect(proxy.asked[0]).toMatch(/rerank\.test/);
    expect(await rank(upstream.url, environment)).toBe(200);
    expect(await rank("http://rerank.test:9", { ...environment, NO_PROXY: "other.test,.test" })).toBe(502);
    expect(proxy.asked).toHaveLength(1);
  });

  it("has to be an address, and its password is not shown", () => {
    expect(() => readOutgoingProxies({ HTTPS_PROXY: "http://user:secret@ho st" })).toThrow(
      /^HTTPS_PROXY must be the address of a proxy, such as http:\/\/proxy\.example:3128$/,
    );
    expect(readOutgoingProxies({ NO_PROXY: "*" })).toBeUndefined();
    expect(readOutgoingProxies({ http_proxy: "one:1", HTTP_PROXY: "http://two:2", no_proxy: "a" })).toEqual({
      http: "http://one:1",
      https: "",
      except: "a,localhost,127.0.0.1,::1",
    });
  });
});

const ranking = { results: [0, 1].map((index) => ({ index, relevance_score: index })) };

interface TlsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Names on the certificates of callers, call by call. */
  readonly peers: readonly (string | undefined)[];
}

async function serveTls({ authority, server: own }: Certificates, options: ServerOptions = {}): Promise<TlsServer> {
  const peers: (string | undefined)[] = [];
  const [ca, cert, key] = await Promise.all([authority, own.certificate, own.key].map((path) => readFile(path)));
  const server = createServer({ ca, cert, key, rejectUnauthorized: false, ...options }, ({ socket }, outgoing) => {
    const peer = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined;
    peers.push(typeof peer === "string" ? peer : undefined);
    outgoing.end(JSON.stringify(ranking));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = serverPort(server);
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    peers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
