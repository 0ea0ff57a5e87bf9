import { once } from "node:events";
import { type ServerResponse, createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";

import * as v from "valibot";

import { type Random, createRandom } from "../simulator/random.ts";

/** A server of several models that speaks as Text Embeddings Inference and Together AI do, and counts what it answered to whom. */
export interface CountingUpstream extends AsyncDisposable {
  readonly url: string;
  /** How often each query was scored: a query is a client's name of its request. */
  readonly answered: ReadonlyMap<string, number>;
  /** Calls that were refused on purpose. */
  readonly refused: number;
}

const rerankBody = v.object({
  query: v.string(),
  texts: v.optional(v.array(v.string())),
  documents: v.optional(v.array(v.string())),
});

/** A text's score is the number that it begins with. Every hundredth call fails, and some take long. */
export async function startCountingUpstream(seed: number): Promise<CountingUpstream> {
  const random = createRandom(seed);
  const answered = new Map<string, number>();
  let refused = 0;
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      if (!incoming.url?.endsWith("/rerank")) return send(outgoing, 200, info);
      const { query, texts, documents = texts ?? [] } = v.parse(rerankBody, JSON.parse(await text(incoming)));
      await wait(timeOf(random));
      if (random.chance(0.01)) {
        refused += 1;
        return send(outgoing, 503, { error: "the model is not there", error_type: "Unhealthy" });
      }
      answered.set(query, (answered.get(query) ?? 0) + 1);
      const scores = documents.map((document, index) => ({ index, score: Number.parseFloat(document) }));
      const results = scores.map(({ index, score }) => ({ index, relevance_score: score }));
      send(outgoing, 200, texts === undefined ? { results } : scores);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    answered,
    get refused() {
      return refused;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Milliseconds. */
function timeOf(random: Random): number {
  return random.chance(0.05) ? random.integer(100, 400) : random.integer(1, 20);
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

function send(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
