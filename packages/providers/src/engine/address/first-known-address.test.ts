import { type Reply, testTarget, type UpstreamRequest, withServer } from "@dheera-ai/core/testing";
import { expect, it } from "vitest";

import { firstKnownAddress } from "./first-known-address.ts";

const { http } = testTarget({ model: "m" });
const request = { method: "POST", body: {} };

it("asks the next address where the server does not know a path, and the one that it knew from then on", async () => {
  const answer = ({ path }: UpstreamRequest): Reply =>
    path === "/c" ? { body: "ranked" } : { status: path === "/a" ? 404 : 405, body: {} };
  await withServer(answer, async ({ url, requests }) => {
    const post = firstKnownAddress(http, [`${url}/a`, `${url}/b`, `${url}/c`]);
    expect(await post(request)).toEqual({ answer: "ranked", url: `${url}/c` });
    await post(request);
    expect(requests.map(({ path }) => path)).toEqual(["/a", "/b", "/c", "/c"]);
  });
});

it("says what the first one said where none is known, and asks all of them again", async () => {
  await withServer(
    ({ path }) => ({ status: path === "/a" ? 404 : 405, body: {} }),
    async ({ url, requests }) => {
      const post = firstKnownAddress(http, [`${url}/a`, `${url}/b`]);
      for (let asked = 0; asked < 2; asked++) await expect(post(request)).rejects.toMatchObject({ status: 404 });
      expect(requests).toHaveLength(4);
    },
  );
});

it.each([401, 422, 429, 500])("asks no other address after an answer that is no unknown path: %d", async (status) => {
  await withServer(
    () => ({ status, body: {} }),
    async ({ url, requests }) => {
      await expect(firstKnownAddress(http, [`${url}/a`, `${url}/b`])(request)).rejects.toMatchObject({ status });
      expect(requests).toHaveLength(1);
    },
  );
});
