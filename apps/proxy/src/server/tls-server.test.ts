import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { text } from "node:stream/consumers";

import { expect, it } from "vitest";

import { needs } from "../../../../test/support/programs.ts";
import { makeCertificates } from "../fixtures/certificates.ts";
import { startProxy } from "../fixtures/start-proxy.ts";

const yaml = "model_list: [{ model_name: bge, dheera_ai_params: { model: bm25/default } }]";

it("a server with a certificate answers to HTTPS, and to HTTP no more", needs("openssl"), async () => {
  await using certificates = await makeCertificates();
  const ca = await readFile(certificates.authority);
  await using proxy = await startProxy({ yaml, tls: certificates.server });
  expect(proxy.url).toBe(`https://127.0.0.1:${proxy.port}`);
  const answer = await new Promise<string>((resolve, reject) => {
    get(`${proxy.url}/v1/models`, { ca }, (incoming) => void text(incoming).then(resolve, reject)).on("error", reject);
  });
  expect(JSON.parse(answer)).toMatchObject({ data: [{ id: "bge" }] });
  await expect(fetch(proxy.url.replace("https", "http"))).rejects.toThrow();
});

it("a certificate that cannot be read stops the start", async () => {
  const tls = { certificate: "/absent.pem", key: "/absent.key" };
  await expect(startProxy({ yaml, tls })).rejects.toMatchObject({ code: "ENOENT" });
});
