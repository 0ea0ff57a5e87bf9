import { isDheeraError } from "@dheera-ai/core";

import type { Dtype, ModelDescription } from "../model/description.ts";
import { findModel, type Places } from "../model/find-model.ts";
import { listFiles } from "../model/model-folder.ts";
import { weightsFiles } from "../model/weights-files.ts";
import { defaultThreads } from "../process/threads.ts";
import { type Parameters, parseParameters } from "../provider/parameters.ts";
import { examineModel, type Examined } from "../provider/prepare-model.ts";
import { measureChild, type MeasuredChild, type Workload } from "./measure-child.ts";

/** How a model does with some settings, in a child process of its own. */
export interface MeasuredSettings {
  /** The weights within the model's folder. */
  readonly file: string;
  readonly dtype: Dtype;
  readonly threads: number;
  /** Whether these are what the deployment has now. */
  readonly isCurrent: boolean;
  /** Milliseconds from the start of the process until it serves. */
  readonly ready_ms: number;
  /** Megabytes that the process uses after the measurement. */
  readonly memory_mb: number;
  readonly documents_per_second: number;
  /** Mean distance of the scores from those of the current settings, as callers see them. */
  readonly score_difference: number;
}

export interface MeasuringOptions extends Places, Workload {
  /** Milliseconds for everything; what cannot be measured in them is left out, but never the current settings. */
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/**
 * Measures a model with what its deployment sets, then with each of the weights that are there, then the fastest of them
 * with fewer threads. One child process at a time, beside those that serve.
 * @param model Without the prefix: `cross-encoder/ms-marco-MiniLM-L6-v2`.
 * @param options `dheera_ai_params` of the deployment.
 * @returns the current settings first
 * @throws DheeraError where the current settings do not work; the signal's reason when it aborts
 */
export async function measureSettings(
  model: string,
  options: Readonly<Record<string, unknown>>,
  measuring: MeasuringOptions,
): Promise<readonly MeasuredSettings[]> {
  const { environment, directory, milliseconds, signal } = measuring;
  const places = { environment, directory };
  const parameters = parseParameters(options);
  const deadline = AbortSignal.timeout(milliseconds);
  const threads = parameters.threads ?? defaultThreads(parameters.instances);

  const current = await examineModel(model, parameters, places);
  const reference = await measure(current, threads, measuring, signal);
  const measured = [describe(current, threads, reference, reference)];
  const fastest = { examined: current, speed: reference.documentsPerSecond };
  /** Whether there was time for it. */
  const tryOther = async (examined: Examined, count: number): Promise<boolean> => {
    try {
      const child = await measure(examined, count, measuring, AbortSignal.any([signal, deadline]));
      measured.push(describe(examined, count, child, reference));
      if (child.documentsPerSecond > fastest.speed)
        Object.assign(fastest, { examined, speed: child.documentsPerSecond });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      // Weights that cannot be loaded are none to choose.
      return isDheeraError(error) && !deadline.aborted;
    }
  };

  for (const other of await otherWeights(model, parameters, places, current))
    if (!(await tryOther(other, threads)) && deadline.aborted) return measured;
  const { examined } = fastest;
  for (const count of fewerThreads(threads))
    if (!(await tryOther(examined, count)) && deadline.aborted) return measured;
  return measured;
}

function measure(
  { description, peers }: Examined,
  threads: number,
  measuring: MeasuringOptions,
  signal: AbortSignal,
): Promise<MeasuredChild> {
  return measureChild(description, peers, threads, measuring.environment, measuring, signal);
}

function describe(
  { description: { weights } }: Examined,
  threads: number,
  child: MeasuredChild,
  reference: MeasuredChild,
): MeasuredSettings {
  return {
    file: weights.file,
    dtype: weights.dtype,
    threads,
    isCurrent: child === reference,
    ready_ms: Math.round(child.readyMs),
    memory_mb: Math.round(child.memory / 1_000_000),
    documents_per_second: Math.round(child.documentsPerSecond * 10) / 10,
    score_difference: meanDistance(child.scores, reference.scores),
  };
}

/** The best of each other form of the weights, the smallest first, because those are the likeliest. */
async function otherWeights(
  model: string,
  parameters: Parameters,
  places: Places,
  current: Examined,
): Promise<readonly Examined[]> {
  const files = weightsFiles(await listFiles(await findModel(model, places)));
  const dtypes = new Set(files.filter(({ isUsual }) => isUsual).map(({ dtype }) => dtype));
  const others = new Map<string, Examined>();
  for (const dtype of dtypes) {
    const other = await examineModel(model, { ...parameters, dtype, file: undefined }, places).catch(() => undefined);
    if (other && fileOf(other.description) !== fileOf(current.description))
      others.set(fileOf(other.description), other);
  }
  return [...others.values()].toSorted(
    (one, another) => one.description.weights.bytes - another.description.weights.bytes,
  );
}

function fileOf({ weights }: ModelDescription): string {
  return weights.file;
}

/** Halves: half of the processors are often only a second thread of the others. */
function fewerThreads(threads: number): readonly number[] {
  const counts: number[] = [];
  for (let count = Math.floor(threads / 2); count >= 1; count = Math.floor(count / 2)) counts.push(count);
  return counts;
}

function meanDistance(scores: readonly number[], others: readonly number[]): number {
  const distances = scores.map((score, index) => Math.abs(score - (others[index] ?? score)));
  return distances.reduce((sum, distance) => sum + distance, 0) / Math.max(1, distances.length);
}
