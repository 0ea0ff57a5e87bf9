import { type Replica, startReplica } from "../dispatch/replica.ts";
import { overReplicas } from "../dispatch/over-replicas.ts";
import { equalTexts } from "../dispatch/texts.ts";
import type { Plan } from "./curve.ts";
import { type Measured, type Rounds, inRounds } from "./in-rounds.ts";

const documents = equalTexts(100, 60);
/** Slow enough that 32 simulated servers leave a machine of two cores free. */
const microsecondsPerToken = 50;
/** Text, one token of query and three special tokens. */
const tokensPerDocument = 60 + 1 + 3;
const clientsPerReplica = 3;
const requestsEach = 2;

/**
 * Clients that rank 100 documents again and again over simulated servers, each a process of its own, three clients for each: `goodput`, percent of
 * the servers' time that was put to use, and `cpu`, microseconds of this process a document.
 */
export async function rankOverReplicas(counts: readonly number[], { rounds }: Plan): Promise<Rounds> {
  await using stack = new AsyncDisposableStack();
  const servers: Replica[] = [];
  for (let number = 0; number < Math.max(...counts); number++)
    servers.push(stack.use(await startReplica({ microsecondsPerToken })));
  return await inRounds(counts, Math.ceil(rounds / 2), (count) => rank(servers.slice(0, count)));
}

let queries = 0;

async function rank(servers: readonly Replica[]): Promise<Measured> {
  const dheera = overReplicas(servers);
  // Profiles are known and connections open before anything is measured. Queries of equal length, and no two the same: equal work would be shared.
  const ask = async (): Promise<number> => {
    const query = `${queries++}`.padStart(4, "0");
    return (await dheera.rerank({ model: "reranker", query, documents })).results.length;
  };
  await Promise.all(servers.map(ask));
  const before = process.cpuUsage();
  const began = performance.now();
  let served = 0;
  const client = async (): Promise<void> => {
    for (let request = 0; request < requestsEach; request++) {
      const ranked = await ask();
      served += ranked;
    }
  };
  await Promise.all(Array.from({ length: clientsPerReplica * servers.length }, client));
  const milliseconds = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const used = (served * tokensPerDocument * microsecondsPerToken) / 1000;
  return { goodput: (used / milliseconds / servers.length) * 100, cpu: (user + system) / served };
}
