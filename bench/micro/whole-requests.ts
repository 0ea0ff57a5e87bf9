import { pathToFileURL } from "node:url";

import type * as Core from "@dheera-ai/core";
import type * as HuggingFace from "@dheera-ai/huggingface";

import { infoOf } from "../proxy/servers/info.ts";
import { documentsOf, upstreamAnswer } from "../proxy/load/shapes.ts";

/**
 * A process of its own that ranks through the built packages of one working copy: `whole-requests.ts ROOT`. Whole requests,
 * from `rerank` to the answer, without sockets. Told how many of which shape, it tells its parent what one took: microseconds
 * of the processor.
 */
const [root = ""] = process.argv.slice(2);
const builtOf = (name: string): string => pathToFileURL(`${root}/packages/${name}/dist/index.js`).href;
const { createDheera }: typeof Core = await import(builtOf("core"));
const { huggingface }: typeof HuggingFace = await import(builtOf("huggingface"));

/** Larger requests are several calls of so many, so that one answer fits each of them. */
const documentsPerCall = 1_000;
const texts = new Map<number, readonly string[]>();
const answers = new Map<number, string>();
let documents = 0;
const dheera = createDheera({
  providers: [huggingface()],
  model_list: [
    {
      model_name: "reranker",
      dheera_ai_params: { model: "huggingface/bench/reranker", api_base: "http://localhost:1" },
    },
  ],
  transport: {
    fetch: async (input) => {
      const isInfo = String(input instanceof Request ? input.url : input).endsWith("/info");
      return new Response(isInfo ? infoOf(documentsPerCall) : answers.get(documents), {
        headers: { "content-type": "application/json" },
      });
    },
  },
});

process.on("message", (message: Order) => void rank(message).then((told) => process.send?.(told)));
process.on("disconnect", () => process.exit());
process.send?.("ready");

export interface Order {
  readonly documents: number;
  readonly bytes: number;
  readonly requests: number;
}

async function rank(order: Order): Promise<number> {
  ({ documents } = order);
  if (!texts.has(documents)) {
    texts.set(documents, documentsOf(order));
    answers.set(documents, upstreamAnswer({ documents: Math.min(documents, documentsPerCall) }));
  }
  const list = texts.get(documents) ?? [];
  const before = process.cpuUsage();
  for (let number = 0; number < order.requests; number++)
    await dheera.rerank({ model: "reranker", query: `which bridge is old? ${number}`, documents: list, top_n: 10 });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / order.requests;
}
