import type { Line } from "./line.ts";
import { overReplicas } from "./over-replicas.ts";
import { startReplica } from "./replica.ts";
import { equalTexts } from "./texts.ts";

const clients = 16;
const documents = equalTexts(100, 60);
const requestsEach = 20;

/** Load over two replicas, one of which is killed in the middle. */
export async function measureSurvivor(): Promise<readonly Line[]> {
  await using mortal = await startReplica({ microsecondsPerToken: 4 });
  await using steady = await startReplica({ microsecondsPerToken: 4 });
  const dheera = overReplicas([mortal, steady]);
  let done = 0;
  let failures = 0;
  const client = async (_: unknown, number: number): Promise<void> => {
    for (let request = 0; request < requestsEach; request++) {
      const failed = await dheera
        .rerank({ model: "reranker", query: `client ${number}, request ${request}`, documents })
        .then(
          ({ results }) => results.length !== documents.length,
          () => true,
        );
      if (failed) failures += 1;
      done += 1;
      if (done === (clients * requestsEach) / 2) mortal.kill();
    }
  };
  await Promise.all(Array.from({ length: clients }).map(client));
  return [
    {
      what: `one of two replicas killed: failed requests of ${done}`,
      measured: String(failures),
      target: "0",
      pass: failures === 0,
    },
  ];
}
