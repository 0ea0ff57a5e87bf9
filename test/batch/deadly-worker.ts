import { setTimeout as wait } from "node:timers/promises";

import { openBatches, openQueue, openStore } from "@dheera-ai/batch";

/** Works on batches, and dies of each line whose query is `deadly`: `deadly-worker.ts <queue> <store>`. */
const [, , queue = "", store = ""] = process.argv;
const batches = openBatches({ queue: await openQueue(queue), store: await openStore(store) });
batches.work({
  rankLine: async ({ body }) => {
    if (typeof body === "object" && body !== null && "query" in body && body.query === "deadly")
      process.kill(process.pid, "SIGKILL");
    await wait(5);
    return { status: 200, body: {} };
  },
  concurrency: 8,
  onTrouble: (message, cause) => console.error(message, cause),
});
console.log("works");
