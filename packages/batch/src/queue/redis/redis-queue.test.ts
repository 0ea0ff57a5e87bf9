import { afterAll, beforeAll, describe } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { type RedisServer, startRedisServer } from "../../../../../test/support/redis-server.ts";
import type { Queue } from "../../contract.ts";
import { openQueue } from "../../open-queue.ts";
import { testQueue } from "../../testing/test-queue.ts";

describe("Redis", needs("redis-server"), () => {
  let server: RedisServer | undefined;
  let places = 0;
  beforeAll(async () => {
    server = await startRedisServer("--databases", "100");
  });
  afterAll(() => server?.stop());

  testQueue(async () => {
    const where = `${server?.url}/${places++}`;
    const opened: Queue[] = [];
    return {
      where,
      async open() {
        const queue = await openQueue(where);
        opened.push(queue);
        return queue;
      },
      async [Symbol.asyncDispose]() {
        for (const queue of opened) await queue.close();
      },
    };
  });
});
