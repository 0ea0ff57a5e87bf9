import { availableParallelism } from "node:os";

import { rerank } from "../../packages/dheera-ai/src/index.ts";
import type { Line } from "../dispatch/line.ts";
import { median } from "../proxy/median.ts";
import { cpuSeconds } from "../proxy/usage.ts";
import { childrenOf } from "./children.ts";
import { type Models, type Weights, kindsOfWeights, requestOf, weightsFiles } from "./models.ts";
import { type Took, startPeer } from "./peer.ts";

const leastOfPython = 0.85;
const mostDifference = 1e-5;

/** Documents of 128 tokens a second beside Python, in turns: from texts to scores, one document a run, as many threads. */
export async function measureSpeed(models: Models, documents: number, rounds: number): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const weights of kindsOfWeights) lines.push(...(await compare(models, weights, documents, rounds)));
  return lines;
}

async function compare(models: Models, weights: Weights, documents: number, rounds: number): Promise<readonly Line[]> {
  const order = { folder: models.folders[weights], file: weightsFiles[weights], threads: availableParallelism() };
  await using spinning = startPeer(models.python);
  await using waiting = startPeer(models.python);
  await spinning.load(order);
  await waiting.load({ ...order, spins: false });
  const ours: Took[] = [];
  const python = { spinning: [] as Took[], waiting: [] as Took[] };
  const differences: number[] = [];
  // The first of all rounds starts the child, and lets all sides allocate what they need.
  for (let round = 0; round <= rounds; round++) {
    const request = requestOf(models, 128, round === 0 ? 5 : documents, round);
    const theirs = await spinning.score(request.query, request.documents);
    const { took, scores } = await rankHere(`local/${order.folder}`, request, [spinning.pid, waiting.pid]);
    const others = await waiting.score(request.query, request.documents);
    differences.push(
      ...scores.map((score, position) => Math.abs(score - sigmoid(theirs.scores[position] ?? Number.NaN))),
    );
    if (round === 0) continue;
    python.spinning.push(theirs);
    python.waiting.push(others);
    ours.push(took);
  }
  const rate = (all: readonly Took[]): string => (documents / median(all.map(({ seconds }) => seconds))).toFixed(1);
  const processor = (all: readonly Took[]): number => (1_000 * median(all.map((one) => one.processor))) / documents;
  const difference = Math.max(...differences);
  const beside = (how: string, all: readonly Took[]): readonly Line[] => {
    const ratio = median(ours.map(({ seconds }, round) => (all[round]?.seconds ?? Number.NaN) / seconds));
    return [
      {
        what: `${weights}: documents a second, ${rate(ours)} against ${rate(all)} of Python ${how}`,
        measured: `${ratio.toFixed(2)} ×`,
        target: `≥ ${leastOfPython} ×`,
        pass: ratio >= leastOfPython,
      },
      {
        what: `${weights}: processor time a document, ${processor(ours).toFixed(1)} ms against ${processor(all).toFixed(1)} ms`,
        measured: `${(processor(ours) / processor(all)).toFixed(2)} ×`,
        target: "",
      },
    ];
  };
  return [
    ...beside("as it is", python.spinning),
    ...beside("with threads that sleep while they wait, as here", python.waiting),
    {
      what: `${weights}: largest difference of a score to Python's`,
      measured: difference.toExponential(1),
      target: `≤ ${mostDifference}`,
      pass: difference <= mostDifference,
    },
  ];
}

/** Processor time is that of this process and of all its children but these. */
async function rankHere(
  model: string,
  { query, documents }: { readonly query: string; readonly documents: string[] },
  except: readonly number[],
): Promise<{ readonly took: Took; readonly scores: readonly number[] }> {
  const before = processorSeconds(except);
  const began = performance.now();
  const { results } = await rerank({ model, query, documents });
  const seconds = (performance.now() - began) / 1_000;
  const scores = documents.map(() => Number.NaN);
  for (const { index, relevance_score } of results) scores[index] = relevance_score;
  return { took: { seconds, processor: processorSeconds(except) - before }, scores };
}

function processorSeconds(except: readonly number[]): number {
  return [process.pid, ...childrenOf(process.pid).filter((pid) => !except.includes(pid))].reduce(
    (sum, pid) => sum + cpuSeconds(pid),
    0,
  );
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
