import { expect, it } from "vitest";

import { boundedFetch } from "./bounded-fetch.ts";

const megabyte = 1_000_000;

it.each<[body: BodyInit | undefined, megabytes: number, isAllowed: boolean]>([
  [undefined, 2, true],
  [undefined, 3, false],
  ["x".repeat(megabyte / 2), 4, true],
  [new Uint8Array(megabyte / 2), 4, true],
  ["x".repeat(megabyte / 2), 5, false],
  // A form may be of any size.
  [new FormData(), 10, true],
  [new FormData(), 11, false],
  ["x".repeat(10 * megabyte), 11, false],
])(
  "allows an answer 2 MB and four times its request, up to what is configured (%#)",
  async (body, megabytes, isAllowed) => {
    const answer = async (): Promise<Response> => new Response(new Uint8Array(megabytes * megabyte));
    const fetched = boundedFetch(answer, 10 * megabyte)("http://localhost", { method: "POST", ...(body && { body }) });
    const read = fetched.then((response) => response.arrayBuffer());
    if (isAllowed) expect((await read).byteLength).toBe(megabytes * megabyte);
    else await expect(read).rejects.toMatchObject({ code: "provider_bad_response" });
  },
);
