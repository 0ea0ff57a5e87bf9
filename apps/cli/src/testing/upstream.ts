import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { json } from "node:stream/consumers";

export interface UpstreamOptions {
  /** The bearer token that callers must send. */
  readonly key?: string;
  /** How many times `/rerank` answers that the model is loading before it serves. */
  readonly coldAnswers?: number;
  /** Answers to `/rerank` wait for `release()`. */
  readonly held?: boolean;
}

export interface Upstream extends AsyncDisposable {
  readonly url: string;
  /** Resolves when the first `/rerank` has come in. */
  readonly reached: Promise<void>;
  release(): void;
}

/**
 * A loopback server that answers `/info` and `/rerank` as Text Embeddings Inference does: 32 texts a call, the longest
 * text is the best.
 */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let coldAnswers = options.coldAnswers ?? 0;
  if (!options.held) released.resolve();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`)
      return void response.writeHead(401).end();
    if (request.url === "/info") return send(response, 200, info);
    if (request.url !== "/rerank") return void response.writeHead(404).end();
    const body = await json(request);
    reached.resolve();
    await released.promise;
    if (coldAnswers > 0) {
      coldAnswers -= 1;
      return send(response, 503, { error: "Model is currently loading", estimated_time: 0.01 });
    }
    const texts = textsOf(body);
    if (texts.length > maxTexts) return send(response, 422, refusal(texts.length));
    const scores = texts.map((text, index) => ({ index, score: text.length / (text.length + 100) }));
    send(
      response,
      200,
      scores.toSorted((a, b) => b.score - a.score),
    );
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the upstream has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    reached: reached.promise,
    release: released.resolve,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const maxTexts = 32;

const info = {
  model_id: "BAAI/bge-reranker-base",
  model_sha: "2cfc18c9415c912f9d8155881c133215df768a70",
  model_dtype: "float32",
  model_type: { reranker: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } },
  max_concurrent_requests: 512,
  max_input_length: 512,
  max_batch_tokens: 16_384,
  max_client_batch_size: maxTexts,
  auto_truncate: true,
  tokenization_workers: 2,
  version: "1.9.3",
};

function refusal(texts: number): object {
  return { error: `batch size ${texts} > maximum allowed batch size ${maxTexts}`, error_type: "Validation" };
}

function textsOf(body: unknown): readonly string[] {
  const texts = typeof body === "object" && body !== null && "texts" in body ? body.texts : undefined;
  return Array.isArray(texts) ? texts.map(String) : [];
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
