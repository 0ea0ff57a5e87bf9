import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:https";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { crossEncoder, openHubTest } from "../../../../packages/local/src/hub/testing/hub-test.ts";
import { type Certificates, makeCertificates } from "../../../proxy/src/fixtures/certificates.ts";
import { type ConnectProxy, startConnectProxy } from "../../../proxy/src/fixtures/connect-proxy.ts";
import { serverPort } from "../../../proxy/src/server/server-address.ts";
import { needs } from "../../../../test/support/programs.ts";
import type { Outcome } from "../testing/processes.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";

/** A server that has a certificate of an authority of one's own and is reached through the company's proxy alone. */
const base = "https://rerank.test";

describe("commands that call servers", needs("openssl"), () => {
  let certificates: Certificates;
  let server: AsyncDisposable & { readonly port: number };
  let proxy: ConnectProxy;
  beforeAll(async () => {
    certificates = await makeCertificates();
    server = await serveTls(certificates);
    proxy = await startConnectProxy(server.port);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await certificates[Symbol.asyncDispose]();
  });

  it.each([
    ["of the deployment", "ssl_verify: AUTHORITY", "", {}],
    ["of all deployments", "", "litellm_settings: { ssl_verify: AUTHORITY }", {}],
    ["of the environment", "", "", { SSL_CERT_FILE: "AUTHORITY" }],
  ])("go through the proxy of the environment and trust the authority %s", async (_, params, more, variables) => {
    const here = (text: string): string => text.replaceAll("AUTHORITY", certificates.authority);
    const yaml = `model_list: [{ model_name: m, litellm_params: { model: cohere/x, api_base: "${base}"${params && `, ${here(params)}`} } }]\n${here(more)}`;
    await using config = await temporaryFile("config.yaml", yaml);
    const named = Object.entries(variables).map(([name, value]) => [name, here(value)] as const);
    const environment = { HTTPS_PROXY: proxy.url, ...Object.fromEntries(named) };

    const ranking = ["rerank", "--config", config.path, "--model", "m", "--query", "q", "a", "b"];
    const ranked = await runInProcess(ranking, { environment });
    expect(ranked).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(ranked.stdout)).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });

    const examined = await runInProcess(["doctor", "--config", config.path], { environment });
    expect(JSON.parse(examined.stdout)).toMatchObject([{ model_name: "m", reachable: true }]);
    expect(examined.code).toBe(0);
  });

  it("do so without a configuration too", async () => {
    const environment = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: certificates.authority };
    expect(await rankAt(base, environment)).toMatchObject({ code: 0, stderr: "" });
    expect((await rankAt(base, { HTTPS_PROXY: proxy.url })).code).not.toBe(0);
  });

  it("do so to pull a model, files of any size too", async () => {
    await using test = await openHubTest({ "org/model": withoutLfs() });
    await using hub = await serveTls(certificates, test.hub.url);
    await using way = await startConnectProxy(hub.port);
    const there = { ...test.environment, HF_ENDPOINT: "https://rerank.test" };
    const environment = { ...there, HTTPS_PROXY: way.url, SSL_CERT_FILE: certificates.authority };
    expect(await runInProcess(["pull", "org/model"], { environment })).toMatchObject({ code: 0 });
    expect(new Set(way.asked)).toEqual(new Set(["CONNECT rerank.test:443"]));
    const untrusted = await runInProcess(["pull", "org/model"], { environment: { ...there, HTTPS_PROXY: way.url } });
    expect(untrusted).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the connection to rerank.test failed"),
    });
  });

  it("name the variable that cannot be used", async () => {
    const { code, stderr } = await rankAt(base, { SSL_CERT_FILE: "/absent.pem" });
    expect([code === 0, stderr]).toEqual([
      false,
      expect.stringContaining("SSL_CERT_FILE: the file cannot be read (ENOENT)"),
    ]);
  });
});

function rankAt(url: string, environment: Readonly<Record<string, string>>): Promise<Outcome> {
  const args = ["rerank", "--model", "cohere/x", "--api_base", url, "--query", "q", "a", "b"];
  return runInProcess(args, { environment });
}

/** A model whose files are all kept in git: the stand-in sends others on to an address without TLS. */
function withoutLfs(): ReturnType<typeof crossEncoder> {
  const model = crossEncoder({ bytes: 40_000_000 });
  const files = Object.entries(model.files).map(([path, content]) => [path, content.toString("latin1")]);
  return { ...model, files: Object.fromEntries(files) };
}

/**
 * Answers with a ranking of as many documents as were sent, the last one first, or with what another server answers.
 */
async function serveTls(
  { server: own }: Certificates,
  target?: string,
): Promise<AsyncDisposable & { readonly port: number }> {
  const [cert, key] = await Promise.all([own.certificate, own.key].map((path) => readFile(path)));
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    if (target !== undefined) {
      const { host: _, ...headers } = incoming.headers;
      request(`${target}${incoming.url}`, { headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      }).end();
      return;
    }
    void incoming.toArray().then((chunks) => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || "{}");
      const documents =
        body instanceof Object && "documents" in body && Array.isArray(body.documents) ? body.documents : [];
      const results = documents.map((_, index) => ({ index, relevance_score: (index + 1) / (documents.length + 1) }));
      outgoing.end(JSON.stringify({ results }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: serverPort(server),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
