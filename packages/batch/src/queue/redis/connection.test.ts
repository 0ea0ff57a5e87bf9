import { expect, it } from "vitest";

import { openQueue } from "../../open-queue.ts";

it.each(["redis://:pass%zzword@host", "redis://host:port"])(
  "a URL of Redis that cannot be read is refused without being repeated: %s",
  async (url) => {
    const error: unknown = await openQueue(url).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: "invalid_request", message: expect.not.stringContaining("pass%zzword") });
  },
);
