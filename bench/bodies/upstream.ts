import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/**
 * A server that answers as Text Embeddings Inference does, as quickly as it can, whatever the size of what it gets. A
 * process of its own: `upstream.ts <port>`.
 */
createServer((incoming, outgoing) => {
  outgoing.setHeader("content-type", "application/json");
  if (incoming.url !== "/rerank") return void outgoing.end(incoming.url === "/info" ? JSON.stringify(info) : "{}");
  text(incoming).then(
    (body) => {
      const { texts }: { readonly texts: readonly string[] } = JSON.parse(body);
      outgoing.end(JSON.stringify(texts.map((_, index) => ({ index, score: 0.5 }))));
    },
    // The client went away.
    () => {},
  );
}).listen(Number(process.argv[2]), "127.0.0.1");

const info = {
  model_id: "simulated/reranker",
  model_sha: "abc",
  model_dtype: "float16",
  model_type: { reranker: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } },
  max_concurrent_requests: 10_000,
  max_input_length: 512,
  max_batch_tokens: 16_384,
  max_client_batch_size: 1_000,
  auto_truncate: true,
  version: "1.9.3",
};
