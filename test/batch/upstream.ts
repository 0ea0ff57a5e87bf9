import { once } from "node:events";
import { type ServerResponse, createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";

import { array, object, parse, string } from "valibot";

/** A server that speaks as Text Embeddings Inference does, and counts the pairs that it is sent. */
export interface CountingUpstream extends AsyncDisposable {
  readonly url: string;
  readonly pairs: number;
}

const rerankBody = object({ query: string(), texts: array(string()) });

/** @param milliseconds that each call takes */
export async function startCountingUpstream(milliseconds: number): Promise<CountingUpstream> {
  let pairs = 0;
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      if (!incoming.url?.endsWith("/rerank")) return send(outgoing, info);
      const { texts } = parse(rerankBody, JSON.parse(await text(incoming)));
      pairs += texts.length;
      await wait(milliseconds);
      send(
        outgoing,
        texts.map((document, index) => ({ index, score: (document.length % 97) / 97 })),
      );
    })().catch(() => outgoing.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get pairs() {
      return pairs;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const info = {
  model_id: "BAAI/bge-reranker-base",
  model_sha: "2cfc18c9415c912f9d8155881c133215df768a70",
  model_dtype: "float16",
  model_type: { reranker: { id2label: { 0: "LABEL_0" }, label2id: { LABEL_0: 0 } } },
  max_concurrent_requests: 512,
  max_input_length: 512,
  max_batch_tokens: 16_384,
  max_client_batch_size: 32,
  auto_truncate: true,
  version: "1.9.3",
};

function send(outgoing: ServerResponse, body: unknown): void {
  outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
