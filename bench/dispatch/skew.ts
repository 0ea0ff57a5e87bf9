import type { Line } from "./line.ts";
import { overReplicas } from "./over-replicas.ts";
import { type Replica, startReplica } from "./replica.ts";
import { skewedTexts } from "./texts.ts";
import { medianMilliseconds } from "./time.ts";

const documents = skewedTexts(1024);
const chunkSize = 32;

/**
 * Skewed lengths over two replicas that pad: balanced batches against chunks of 32 in input order, dealt out in turn.
 */
export async function measureSkew(): Promise<readonly Line[]> {
  await using stack = new AsyncDisposableStack();
  const replicas = [
    stack.use(await startReplica({ microsecondsPerToken: 4, pads: true })),
    stack.use(await startReplica({ microsecondsPerToken: 4, pads: true })),
  ];
  const dheera = overReplicas(replicas);
  await dheera.rerank({ model: "reranker", query: "warm-up", documents: documents.slice(0, 100) });
  const balanced = await medianMilliseconds(5, () => dheera.rerank({ model: "reranker", query: "query", documents }));
  const chunked = await medianMilliseconds(5, () => sendChunks(replicas));
  return [
    {
      what: "skewed lengths: input-order chunks ÷ balanced batches",
      measured: `${chunked.toFixed(0)} ms ÷ ${balanced.toFixed(0)} ms = ${(chunked / balanced).toFixed(2)}`,
      target: "> 1",
      pass: chunked > balanced,
    },
  ];
}

/** What clients do by hand: as many chunks at once as the permits of a server allow. */
async function sendChunks(replicas: readonly Replica[]): Promise<void> {
  const chunks = Array.from({ length: documents.length / chunkSize }, (_, number) =>
    documents.slice(number * chunkSize, (number + 1) * chunkSize),
  );
  await Promise.all(
    replicas.map((replica, position) =>
      Promise.all(
        chunks.filter((_, number) => number % replicas.length === position).map((chunk) => sendChunk(replica, chunk)),
      ),
    ),
  );
}

async function sendChunk({ url }: Replica, texts: readonly string[]): Promise<void> {
  const response = await fetch(`${url}/rerank`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "query", texts, truncate: true }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`a chunk was refused with ${response.status}`);
}
