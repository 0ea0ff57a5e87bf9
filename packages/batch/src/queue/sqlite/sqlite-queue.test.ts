import { describe } from "vitest";

import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import type { Queue } from "../../contract.ts";
import { openQueue } from "../../open-queue.ts";
import { testQueue } from "../../testing/test-queue.ts";

describe("SQLite", () => {
  testQueue(async () => {
    const folder = await createFolder();
    const opened: Queue[] = [];
    return {
      where: folder.path,
      async open() {
        const queue = await openQueue(folder.path);
        opened.push(queue);
        return queue;
      },
      async [Symbol.asyncDispose]() {
        for (const queue of opened) await queue.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  });
});
