import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../../../../test/support/programs.ts";
import { type Certificates, makeCertificates } from "../fixtures/certificates.ts";
import { listenOnLoopback, serveHttp } from "../fixtures/serve-http.ts";
import { egressRules } from "./egress-rules.ts";
import { type EgressOptions, openEgress } from "./open-egress.ts";

const thisMachine = egressRules(["127.0.0.1", "::1"]);
const nothingOwn = egressRules();

describe("openEgress", () => {
  it("sends what fetch sends and gives a real Response", async () => {
    await using server = await serveHttp((incoming, outgoing) => {
      void text(incoming).then((body) => {
        outgoing.setHeader("content-type", "application/json").setHeader("x-more", "one");
        outgoing.end(
          JSON.stringify({ method: incoming.method, url: incoming.url, type: incoming.headers["content-type"], body }),
        );
      });
    });
    const answer = await ask(`${server.url}/token?a=b`, {
      method: "POST",
      body: new URLSearchParams({ grant: "code & more" }),
    });
    expect(answer).toBeInstanceOf(Response);
    expect([answer.status, answer.headers.get("x-more")]).toEqual([200, "one"]);
    expect(await answer.json()).toEqual({
      method: "POST",
      url: "/token?a=b",
      type: "application/x-www-form-urlencoded;charset=UTF-8",
      body: "grant=code+%26+more",
    });
  });

  it("gives answers that have no body", async () => {
    await using server = await serveHttp((_, outgoing) => void outgoing.writeHead(204).end());
    expect((await ask(server.url)).status).toBe(204);
  });

  it("follows no redirect, wherever it leads", async () => {
    await using inside = await serveHttp((_, outgoing) => void outgoing.end("credentials"));
    for (const location of [inside.url, "http://169.254.169.254/latest/meta-data/", "//127.0.0.1/"]) {
      await using server = await serveHttp((_, outgoing) => void outgoing.writeHead(302, { location }).end());
      const answer = await ask(server.url);
      expect([answer.status, answer.headers.get("location"), server.connections]).toEqual([302, location, 1]);
    }
    expect(inside.connections).toBe(0);
  });

  it("opens no connection to an address that is refused as it is written", async () => {
    await using server = await serveHttp((_, outgoing) => void outgoing.end());
    const { port } = new URL(server.url);
    for (const host of ["127.0.0.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]", "0"])
      for (const scheme of ["http", "https"])
        await expect(ask(`${scheme}://${host}:${port}/`, {}, nothingOwn)).rejects.toMatchObject({
          code: "invalid_request",
        });
    expect(server.connections).toBe(0);
  });

  it.each([
    ["loopback", ["127.0.0.1"], nothingOwn, "this machine's own"],
    ["loopback in the form of IPv6", ["::ffff:127.0.0.1"], nothingOwn, "this machine's own"],
    ["private", ["10.0.0.1"], nothingOwn, "in a private network"],
    ["a metadata service", ["169.254.169.254"], egressRules(["0.0.0.0/0"]), "never allowed"],
    ["one that is allowed and one that is not", ["127.0.0.1", "192.168.7.7"], thisMachine, "in a private network"],
  ])("opens no connection where a name means %s", async (_, addresses, rules, reason) => {
    await using server = await serveHttp((__, outgoing) => void outgoing.end());
    const resolve: EgressOptions["resolve"] = async () =>
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    const { port } = new URL(server.url);
    const asked = ask(`https://rebound.example:${port}/`, {}, rules, { resolve });
    await expect(asked).rejects.toMatchObject({
      code: "provider_unreachable",
      message: expect.stringContaining(reason),
    });
    // Callers may see the message, so it does not say what the network inside looks like.
    await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining(addresses[0] ?? "") });
    expect(server.connections).toBe(0);
  });

  it("asks without TLS only where the name means a listed network, whatever it meant before", async () => {
    await using server = await serveHttp(
      (_, outgoing) => void outgoing.writeHead(200, { connection: "close" }).end("inside"),
    );
    let address = "127.0.0.1";
    const lookups: string[] = [];
    const resolve: EgressOptions["resolve"] = async (hostname) => {
      lookups.push(hostname);
      return [{ address, family: 4 }];
    };
    const url = (name: string): string => `http://${name}.example:${new URL(server.url).port}/`;
    expect(await (await ask(url("one"), {}, thisMachine, { resolve })).text()).toBe("inside");
    address = "8.8.8.8";
    await expect(ask(url("one"), {}, thisMachine, { resolve })).rejects.toThrow("only with https");
    expect(lookups).toEqual(["one.example", "one.example"]);
    expect(server.connections).toBe(1);
  });

  it("ends an answer that is too large, also one that does not say so", async () => {
    await using server = await serveHttp((_, outgoing) => {
      outgoing.writeHead(200);
      const write = (): void =>
        void (outgoing.write("x".repeat(1_000)) ? setImmediate(write) : outgoing.once("drain", write));
      write();
    });
    await expect(ask(server.url, {}, thisMachine, { mostBytes: 5_000 })).rejects.toThrow(
      /^the answer of 127\.0\.0\.1:\d+ has more than 5000 bytes$/,
    );
  });

  it("ends an exchange that takes too long, and one that is aborted", async () => {
    await using server = await serveHttp(() => {});
    await expect(ask(server.url, {}, thisMachine, { timeoutMs: 50 })).rejects.toMatchObject({ code: "timeout" });
    await expect(ask(server.url, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("openEgress, where the server has a certificate", needs("openssl"), () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates("rerank.example");
  });
  afterAll(() => certificates[Symbol.asyncDispose]());

  it("holds the certificate against the name, not against the address that was looked up", async () => {
    await using server = await serveTls((_, outgoing) => void outgoing.end("secret"));
    const ca = await readFile(certificates.authority, "utf8");
    const resolve: EgressOptions["resolve"] = async () => [{ address: "127.0.0.1", family: 4 }];
    const options = { tls: { ca }, resolve };
    const answer = await ask(`https://rerank.example:${server.port}`, {}, thisMachine, options);
    expect(await answer.text()).toBe("secret");
    await expect(ask(`https://other.example:${server.port}`, {}, thisMachine, options)).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  async function serveTls(listener: RequestListener): Promise<AsyncDisposable & { readonly port: number }> {
    const { certificate, key } = certificates.server;
    return listenOnLoopback(createServer({ cert: await readFile(certificate), key: await readFile(key) }, listener));
  }
});

async function ask(
  url: string,
  init: RequestInit = {},
  rules = thisMachine,
  options: EgressOptions = {},
): Promise<Response> {
  const egress = openEgress(rules, options);
  try {
    return await egress.fetch(url, init);
  } finally {
    await egress.close();
  }
}
