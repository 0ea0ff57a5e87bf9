import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openStore } from "../../packages/batch/src/open-store.ts";
import { testStore } from "../../packages/batch/src/testing/test-store.ts";
import { needs } from "../support/programs.ts";
import { type S3Server, startS3Server } from "./s3-server.ts";

describe("the store of batches in S3", needs("python3"), () => {
  let server: S3Server | undefined;
  let places = 0;
  beforeAll(async () => {
    server = await startS3Server();
  }, 600_000);
  afterAll(() => server?.[Symbol.asyncDispose]());

  testStore(() => {
    const where = `s3://batches/of/place-${places++}`;
    return Promise.resolve({
      open: () => openStore(where, server?.settings),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  });

  it("keeps two prefixes apart, also where one begins like the other", async () => {
    const [one, other] = [
      await openStore("s3://batches/apart", server?.settings),
      await openStore("s3://batches/apart-2/", server?.settings),
    ];
    await one.write("a", Buffer.from("one"));
    await other.write("b", Buffer.from("other"));
    const names = [];
    for await (const { name } of one.list("")) names.push(name);
    expect(names).toEqual(["a"]);
    await one.close();
    await other.close();
  });

  it("needs no prefix", async () => {
    const store = await openStore("s3://batches", server?.settings);
    await store.write("without", Buffer.from("any"));
    expect(Buffer.from(await store.read("without")).toString()).toBe("any");
    await store.close();
  });

  it("names a bucket that is not there", async () => {
    await expect(openStore("s3://nothing-there", server?.settings)).rejects.toMatchObject({
      code: "unavailable",
      message: "the bucket nothing-there cannot be used: NoSuchBucket; make it first",
    });
  });
});
