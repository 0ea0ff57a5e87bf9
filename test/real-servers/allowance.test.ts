import { createServer, request } from "node:http";
import { once } from "node:events";

import { type Dheera, createDheera } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";
import * as v from "valibot";
import { describe, expect, it, onTestFinished } from "vitest";

import { needs } from "../support/programs.ts";
import { startTextEmbeddings } from "./text-embeddings.ts";

function dheeraAt(...urls: readonly string[]): Dheera {
  return createDheera({
    providers: [huggingface({ environment: {} })],
    model_list: urls.map((url) => ({
      model_name: "reranker",
      dheera_ai_params: { model: "huggingface/tiny", api_base: url },
    })),
  });
}

const documentsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, position) => `document ${position} about the configuration of a proxy`);

describe("real Text Embeddings Inference with few places", needs("text-embeddings-inference"), () => {
  it.each([20, 100, 200])("serves %i documents where the limit of 8 is hidden", async (count) => {
    const server = await startTextEmbeddings({ args: ["--max-concurrent-requests", "8"] });
    const relay = await startRelay(server.url);
    const dheera = dheeraAt(relay.url);
    const { results } = await dheera.rerank({
      model: "reranker",
      query: "where is it set?",
      documents: documentsOf(count),
    });
    expect(new Set(results.map(({ index }) => index)).size).toBe(count);
    // All calls of the first request may be under way when the first refusal comes, and so may those of half its allowance.
    expect(relay.refusedTexts()).toBeLessThan(32 + 2 * count);
    // What was learned is kept: the next request costs no refusal beyond the share that trying more may cost.
    const before = relay.refusedTexts();
    await dheera.rerank({ model: "reranker", query: "and again?", documents: documentsOf(count) });
    expect(relay.refusedTexts() - before).toBeLessThanOrEqual(8 + 0.05 * count);
  });
});

interface Relay {
  readonly url: string;
  refusedTexts(): number;
}

/** Passes `POST /rerank` on and hides every other route, as a gateway may. */
async function startRelay(target: string): Promise<Relay> {
  let refused = 0;
  const server = createServer((incoming, outgoing) => {
    if (incoming.method !== "POST" || incoming.url !== "/rerank") return void outgoing.writeHead(404).end();
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      const onward = request(
        `${target}/rerank`,
        { method: "POST", headers: { "content-type": "application/json", "content-length": body.length } },
        (answer) => {
          // Questions that find out what the server is have another shape, and it refuses them for that.
          const { texts } = v.parse(
            v.object({ texts: v.optional(v.array(v.string()), []) }),
            JSON.parse(body.toString()),
          );
          if (answer.statusCode === 429) refused += texts.length;
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on("error", () => outgoing.destroy());
      onward.end(body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the relay does not listen on a port");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${address.port}`, refusedTexts: () => refused };
}
