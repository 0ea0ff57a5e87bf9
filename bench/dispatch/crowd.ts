import type { Line } from "./line.ts";
import { overReplicas } from "./over-replicas.ts";
import { startReplica } from "./replica.ts";
import { equalTexts } from "./texts.ts";

const clients = 64;
const requestsEach = 5;
const documents = equalTexts(100, 60);
const microsecondsPerToken = 6;
/** Text, one token of query and three special tokens. */
const tokensPerDocument = 60 + 1 + 3;
const leastGoodput = 0.9;

/**
 * 64 clients that each rerank 100 documents again and again, against one server with 512 permits: how much of its time
 * the server was put to use.
 */
export async function measureCrowd(): Promise<readonly Line[]> {
  await using replica = await startReplica({ microsecondsPerToken });
  const dheera = overReplicas([replica]);
  await dheera.rerank({ model: "reranker", query: "q", documents });
  let served = 0;
  let refusals = 0;
  let failures = 0;
  const client = async (_: unknown, number: number): Promise<void> => {
    for (let request = 0; request < requestsEach; request++) {
      // Queries of equal length, and no two the same: equal work would be shared.
      const query = `${number * requestsEach + request}`.padStart(4, "0");
      try {
        const { results } = await dheera.rerank({ model: "reranker", query, documents });
        served += results.length;
      } catch (error) {
        if (error instanceof Error && "status" in error && error.status === 429) refusals += 1;
        else failures += 1;
      }
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }).map(client));
  const milliseconds = performance.now() - started;
  const goodput = (served * tokensPerDocument * microsecondsPerToken) / 1_000 / milliseconds;
  const { statuses } = await replica.stats();
  return [
    {
      what: "64 clients × 100 documents: 429s that reached a client",
      measured: String(refusals),
      target: "0",
      pass: refusals === 0,
    },
    {
      what: "64 clients × 100 documents: other failures",
      measured: String(failures),
      target: "0",
      pass: failures === 0,
    },
    {
      what: "64 clients × 100 documents: 429s between the server and us",
      measured: String(statuses["429"] ?? 0),
      target: "",
    },
    {
      what: "64 clients × 100 documents: goodput of the server's capacity",
      measured: `${(goodput * 100).toFixed(1)} %`,
      target: `≥ ${leastGoodput * 100} %`,
      pass: goodput >= leastGoodput,
    },
  ];
}
