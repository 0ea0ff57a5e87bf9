import { availableParallelism } from "node:os";
import { join } from "node:path";

import { ndcg, readCollection } from "../../packages/bm25/bench/collection.ts";
import { rerank } from "../../packages/dheera-ai/src/index.ts";
import type { Line } from "../dispatch/line.ts";
import type { Models } from "./models.ts";
import { type LoadOrder, startPeer } from "./peer.ts";

const goals = { cranfield: 0.395, cisi: 0.425 } as const;
const candidatesOfQuery = 100;
/** Tokens of a text that the model was trained to read. */
const tokens = 256;
/** Of a cosine. */
const mostDifference = 1e-5;

/**
 * nDCG@10 of a bi-encoder on the top 100 of BM25 over the whole collection, here and in Python.
 * @param shared the folder with `models/all-minilm-l6-v2` and `collections`
 * @param every only each so many-th query is asked
 */
export async function measureQuality({ python }: Models, shared: string, every: number): Promise<readonly Line[]> {
  const order: LoadOrder = {
    folder: join(shared, "models/all-minilm-l6-v2"),
    file: "onnx/model_qint8.onnx",
    threads: availableParallelism(),
    spins: false,
  };
  const lines: Line[] = [];
  for (const [name, goal] of Object.entries(goals)) {
    const task = await readTask(join(shared, "collections", name), every);
    const { queries } = task;
    const words = queries.map(({ candidates }) => candidates.map((position) => ({ position, score: 0 })));
    const there = await rankInPython(python, order, task);
    const precise = await rankInPython(python, { ...order, precise: true }, task);
    const here = await rankHere(`local/${order.folder}`, task);
    const gain = gainOf(queries, here);
    const difference = largestDifference(here, there);
    const row = (what: string, measured: string): Line => ({ what: `${name}: ${what}`, measured, target: "" });
    lines.push(
      row(`BM25 that knows the collection, ${queries.length} queries`, gainOf(queries, words).toFixed(3)),
      row("int8 in Python", gainOf(queries, there).toFixed(3)),
      row("int8 in Python with session.x64quantprecision", gainOf(queries, precise).toFixed(3)),
      { ...row("int8 by local/", gain.toFixed(3)), target: `≥ ${goal}`, pass: gain >= goal },
      {
        ...row("largest difference of a cosine to Python's", difference.toExponential(1)),
        target: `≤ ${mostDifference}`,
        pass: difference <= mostDifference,
      },
    );
  }
  return lines;
}

/** Queries, and what is to be ranked for each. */
interface Task {
  readonly texts: readonly string[];
  readonly queries: readonly Query[];
}

interface Query {
  readonly text: string;
  /** Positions of texts that answer it, with how well. */
  readonly grades: ReadonlyMap<number, number>;
  /** Positions of texts, those that BM25 finds best first. */
  readonly candidates: readonly number[];
}

async function readTask(folder: string, every: number): Promise<Task> {
  const { documents: texts, queries, search } = await readCollection(folder, "english");
  const asked = queries.filter((_, position) => position % every === 0);
  return {
    texts,
    queries: asked.map(({ text, grades }) => ({ text, grades, candidates: search(text).slice(0, candidatesOfQuery) })),
  };
}

async function rankHere(model: string, { texts, queries }: Task): Promise<readonly Ranking[]> {
  const rankings: Ranking[] = [];
  for (const { text: query, candidates } of queries) {
    const documents = candidates.map((position) => texts[position] ?? "");
    const { results } = await rerank({ model, query, documents });
    rankings.push(results.map(({ index, relevance_score: score }) => ({ position: candidates[index] ?? -1, score })));
  }
  return rankings;
}

/** Best first. */
type Ranking = readonly { readonly position: number; readonly score: number }[];

async function rankInPython(python: string, order: LoadOrder, { texts, queries }: Task): Promise<readonly Ranking[]> {
  await using peer = startPeer(python);
  await peer.load(order);
  const positions = [...new Set(queries.flatMap((query) => query.candidates))];
  const { vectors } = await peer.embed(
    positions.map((position) => texts[position] ?? ""),
    tokens,
  );
  const vectorOf = new Map(positions.map((position, at) => [position, vectors[at] ?? []]));
  const asked = await peer.embed(
    queries.map(({ text }) => text),
    tokens,
  );
  return queries.map(({ candidates }, query) =>
    candidates
      .map((position) => ({ position, score: dot(vectorOf.get(position) ?? [], asked.vectors[query] ?? []) }))
      // Stable: among equals BM25 decides.
      .toSorted((one, other) => other.score - one.score),
  );
}

function gainOf(queries: readonly Query[], rankings: readonly Ranking[]): number {
  return mean(queries, ({ grades }, position) =>
    ndcg(
      (rankings[position] ?? []).map((one) => one.position),
      grades,
    ),
  );
}

function mean<T>(all: readonly T[], value: (one: T, position: number) => number): number {
  return all.reduce((sum, one, position) => sum + value(one, position), 0) / all.length;
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, position) => sum + value * (other[position] ?? Number.NaN), 0);
}

/** Of the scores of a pair. NaN where one side does not know the pair. */
function largestDifference(one: readonly Ranking[], other: readonly Ranking[]): number {
  const differences = one.flatMap((ranking, query) => {
    const scores = new Map(other[query]?.map(({ position, score }) => [position, score]));
    return ranking.map(({ position, score }) => Math.abs(score - (scores.get(position) ?? Number.NaN)));
  });
  return Math.max(...differences);
}
