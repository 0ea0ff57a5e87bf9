import { openBatches, openQueue, openStore } from "@dheera-ai/batch";
import { createDheera } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";
import { object, optional, parse, string } from "valibot";

import { rankWith } from "./rank-with.ts";

/** Works on batches until it is killed: `worker-process.ts <queue> <store> <address of the server> <lines at one time> <bucket>`. */
const [, , queue = "", store = "", address = "", concurrency = "", bucket = "{}"] = process.argv;
const s3Settings = object({
  endpointUrl: optional(string()),
  accessKeyId: optional(string()),
  secretAccessKey: optional(string()),
});

const batches = openBatches({
  queue: await openQueue(queue),
  store: await openStore(store, parse(s3Settings, JSON.parse(bucket))),
});
const dheera = createDheera({
  providers: [huggingface()],
  model_list: [
    {
      model_name: "reranker",
      dheera_ai_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: address, api_key: "none" },
    },
  ],
});
// Nothing is known at the start, and what this process has learned dies with it: pairs are counted without a cache.
batches.work({
  rankLine: rankWith(dheera),
  concurrency: Number(concurrency),
  onTrouble: (message, cause) => console.error(message, cause),
});
console.log("works");
