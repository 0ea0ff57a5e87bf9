import { yieldToEventLoop } from "../lib/waiting.ts";
import type { Diversity } from "./diversity.ts";
import { type TextVector, TextVectors } from "./text-vectors.ts";

/** Documents that change places; those behind them stay where they are. */
const mostConsidered = 1_000;
/** Texts that are read, and words that are compared, before others have their turn. */
const textsAtOnce = 100;
const wordsAtOnce = 2_000_000;

/**
 * The ranking by maximal marginal relevance (Carbonell and Goldstein, 1998): each place goes to the document with the
 * greatest λ × relevance − (1 − λ) × likeness, where relevance is its score scaled to 0..1 among all documents of the request,
 * and likeness that to the most like document before it, by its words. Ties stay in the order they have.
 * @param positions of documents, best first
 * @param count places that matter
 * @throws the reason of the signal, when it aborts between two steps
 */
export async function diversified(
  { lambda }: Diversity,
  positions: readonly number[],
  scores: Float64Array,
  texts: readonly string[],
  count: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const nextStep = async (): Promise<void> => {
    await yieldToEventLoop();
    signal.throwIfAborted();
  };
  const considered = positions.slice(0, mostConsidered).filter((position) => !Number.isNaN(scores[position]));
  const rest = positions.slice(considered.length);
  const chosen = await choose(
    lambda,
    relevanceOf(considered, scores),
    await vectorsOf(
      considered.map((position) => texts[position] ?? ""),
      nextStep,
    ),
    Math.min(count, considered.length),
    nextStep,
  );
  return [...chosen.map((index) => considered[index] ?? 0), ...rest].slice(0, count);
}

/** Scaled to 0..1; all are equally relevant where all scores are equal. */
function relevanceOf(positions: readonly number[], scores: Float64Array): Float64Array {
  // Halves, because the difference of two finite numbers may be none.
  const worst = scores.reduce((least, score) => (score < least ? score : least), Infinity) / 2;
  const best = (scores[positions[0] ?? 0] ?? 0) / 2;
  return Float64Array.from(positions, (position) =>
    best === worst ? 1 : ((scores[position] ?? 0) / 2 - worst) / (best - worst),
  );
}

/** Lets others have their turn. */
type NextStep = () => Promise<void>;

async function vectorsOf(texts: readonly string[], nextStep: NextStep): Promise<Vectors> {
  const vectors = new TextVectors();
  for (const [index, text] of texts.entries()) {
    if (index > 0 && index % textsAtOnce === 0) await nextStep();
    vectors.add(text);
  }
  return { list: vectors.vectors(), words: vectors.words };
}

interface Vectors {
  readonly list: readonly TextVector[];
  readonly words: number;
}

async function choose(
  lambda: number,
  relevance: Float64Array,
  { list, words }: Vectors,
  count: number,
  nextStep: NextStep,
): Promise<readonly number[]> {
  const likeness = new Float64Array(list.length);
  const left = list.map((_, index) => index);
  const chosen: number[] = [];
  /** The last chosen document, by word. */
  const last = new Float64Array(words);
  let compared = 0;
  while (chosen.length < count) {
    let [best, bestValue] = [0, -Infinity];
    for (const [place, index] of left.entries()) {
      const value = lambda * (relevance[index] ?? 0) - (1 - lambda) * (likeness[index] ?? 0);
      if (value > bestValue) [best, bestValue] = [place, value];
    }
    const [next = 0] = left.splice(best, 1);
    chosen.push(next);
    const vector = list[next];
    if (!vector) continue;
    spread(vector, last);
    for (const index of left) {
      const other = list[index];
      if (!other) continue;
      likeness[index] = Math.max(likeness[index] ?? 0, likenessOf(other, last));
      compared += other.ids.length;
    }
    for (const id of vector.ids) last[id] = 0;
    if (compared > wordsAtOnce) {
      compared = 0;
      await nextStep();
    }
  }
  return chosen;
}

function spread({ ids, weights }: TextVector, byWord: Float64Array): void {
  for (let index = 0; index < ids.length; index++) byWord[ids[index] ?? 0] = weights[index] ?? 0;
}

/** The cosine of the angle between two texts, 0 to 1. */
function likenessOf({ ids, weights }: TextVector, byWord: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < ids.length; index++) sum += (byWord[ids[index] ?? 0] ?? 0) * (weights[index] ?? 0);
  return sum > nearlyOne ? 1 : sum;
}

/** Equal texts are equally like each other whatever the rounding. */
const nearlyOne = 1 - 1e-12;
