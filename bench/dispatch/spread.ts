import type { Line } from "./line.ts";
import { overReplicas } from "./over-replicas.ts";
import { type Replica, startReplica } from "./replica.ts";
import { equalTexts } from "./texts.ts";
import { medianMilliseconds } from "./time.ts";

const documents = equalTexts(1000, 125);
const mostOfIdeal = 1.25;

/** 1,000 documents over 1, 2 and 4 equal replicas: wall time against that of one replica divided by their number. */
export async function measureSpread(): Promise<readonly Line[]> {
  const lines: Line[] = [];
  let single = 0;
  for (const count of [1, 2, 4]) {
    const wall = await wallTime(count);
    if (count === 1) single = wall;
    const ideal = single / count;
    lines.push({
      what: `1,000 documents over ${count} replica${count === 1 ? "" : "s"}`,
      measured: count === 1 ? `${wall.toFixed(0)} ms` : `${wall.toFixed(0)} ms = ${(wall / ideal).toFixed(2)} × ideal`,
      target: count === 1 ? "" : `≤ ${mostOfIdeal} ×`,
      ...(count > 1 && { pass: wall <= mostOfIdeal * ideal }),
    });
  }
  return lines;
}

async function wallTime(count: number): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const replicas: Replica[] = [];
  for (let number = 0; number < count; number++)
    replicas.push(stack.use(await startReplica({ microsecondsPerToken: 8 })));
  const dheera = overReplicas(replicas);
  // Profiles are known and connections open before anything is measured.
  await dheera.rerank({ model: "reranker", query: "warm-up", documents: documents.slice(0, 100) });
  return await medianMilliseconds(5, () => dheera.rerank({ model: "reranker", query: "query", documents }));
}
