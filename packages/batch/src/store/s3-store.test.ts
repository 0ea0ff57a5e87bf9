import { describe, expect, it } from "vitest";

import { serveHttp } from "../../../../test/support/serve-http.ts";
import { openStore } from "../open-store.ts";

const account = { accessKeyId: "a-key", secretAccessKey: "a-secret" };

/** What it does with a server that works is tested with one: `test/pypi-clients/s3-store.test.ts`. */
describe("S3", () => {
  it.each(["s3://", "s3:/batches", "s3://a", "s3://Upper", "s3://batches//a", "s3://key:secret@batches"])(
    "refuses the URL %s without repeating it",
    async (where) => {
      const opening = openStore(where, { endpointUrl: "http://127.0.0.1:9", ...account });
      await expect(opening).rejects.toMatchObject({
        code: "invalid_request",
        message: "the URL of a bucket is s3://bucket or s3://bucket/prefix",
      });
    },
  );

  it("refuses half of a key", async () => {
    const opening = openStore("s3://batches", { accessKeyId: "a-key" });
    await expect(opening).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("tries again when a server is busy, four times at most", async () => {
    let requests = 0;
    let refused = 2;
    await using busy = await serveHttp((_, response) => {
      requests++;
      const isRefused = refused-- > 0;
      response.writeHead(isRefused ? 503 : 200).end(isRefused ? "" : "<ListBucketResult/>");
    });
    const settings = { endpointUrl: busy.url, ...account };
    const store = await openStore("s3://batches", settings);
    expect(requests).toBe(3);
    refused = 100;
    await expect(store.write("a", Buffer.from("a"))).rejects.toMatchObject({ code: "unavailable", retryable: true });
    expect(requests).toBe(7);
    await store.close();
  });

  it("says that it is full, and what it quotes stays out of the message", async () => {
    await using full = await serveHttp((request, response) => {
      if (request.method === "GET") return void response.end("<ListBucketResult/>");
      response
        .writeHead(507, { "content-type": "application/xml" })
        .end("<Error><Code>XMinioStorageFull</Code><Message>a-secret of a-key</Message></Error>");
    });
    const store = await openStore("s3://batches", { endpointUrl: full.url, ...account });
    await expect(store.write("a", Buffer.from("a"))).rejects.toMatchObject({
      code: "unavailable",
      message: "the storage of batches is full; what waits goes on when there is room",
      cause: { message: "the bucket batches is full; what waits goes on when there is room" },
    });
    await store.close();
  });

  it.each([
    [403, "SignatureDoesNotMatch", "; see s3_secret_access_key"],
    [403, "InvalidAccessKeyId", "; see s3_access_key_id"],
    [403, "AccessDenied", "; the key must be allowed to read, write, delete and list objects"],
    [404, "NoSuchBucket", "; make it first"],
  ])("says what is wrong when it is opened: %d %s", async (status, code, advice) => {
    await using server = await serveHttp((_, response) => {
      response.writeHead(status).end(`<Error><Code>${code}</Code><Message>a-secret of a-key</Message></Error>`);
    });
    await expect(openStore("s3://batches", { endpointUrl: server.url, ...account })).rejects.toMatchObject({
      code: "unavailable",
      message: `the bucket batches cannot be used: ${code}${advice}`,
    });
  });

  it("says when nothing listens", async () => {
    const opening = openStore("s3://batches", { endpointUrl: "http://127.0.0.1:9", ...account });
    await expect(opening).rejects.toMatchObject({
      code: "unavailable",
      message: "the bucket batches cannot be used: ECONNREFUSED; see s3_endpoint_url",
    });
  });
});
