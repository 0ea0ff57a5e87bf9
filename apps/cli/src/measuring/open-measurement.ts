import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { type CollectOptions, type Progress, readCollection } from "@dheera-ai/eval";

import { describeFileError } from "../describe-file-error.ts";
import { UsageError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { describeProgress } from "./describe-progress.ts";
import { keptFileFor } from "./kept-file.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { openModels } from "./open-models.ts";
import { readLanguage } from "./read-language.ts";

/** A collection and models, ready to be measured. */
export interface Measurement extends AsyncDisposable {
  readonly options: CollectOptions;
  /** How far it is, for people. */
  describe(): string;
}

export interface Wanted {
  readonly folder: string;
  /** Model names; all of the configuration when absent. */
  readonly models: readonly string[] | undefined;
  /** Model names whose scores are wanted as the models give them. */
  readonly uncalibrated?: readonly string[];
}

/** Reads the collection and opens the models. @throws UsageError; DheeraError for a collection that cannot be read */
export async function openMeasurement(
  { folder, models, uncalibrated }: Wanted,
  options: MeasureOptions,
  terminal: Terminal,
): Promise<Measurement> {
  const { config, candidates: run, split, max_cost: maxCost } = options;
  const language = readLanguage(options.language);
  const collection = await readCollection(folder, { run, split });
  const opened = await openModels({ config, models, withCosts: maxCost !== undefined }, terminal, uncalibrated);
  if (models === undefined) terminal.printError(`models: ${opened.models.map(({ name }) => name).join(", ")}`);
  let progress: Progress | undefined;
  return {
    options: {
      collection,
      models: opened.models,
      rerank: opened.dheera.rerank,
      free: opened.free,
      topK: options.top_k,
      language,
      queries: options.queries,
      seed: options.seed,
      concurrency: options.concurrency,
      maxCost,
      unknownCost: options.unknown_cost,
      keptFile: options.scores ?? (await keptFileFor(collection.name, terminal)),
      signal: terminal.stop,
      onProgress: (now) => void (progress = now),
    },
    describe: () => (progress ? describeProgress(progress, terminal.output.width) : "searching candidates"),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Refuses before anything is paid for what could not be written afterwards. @throws UsageError */
export async function requireWritable(option: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new UsageError(`${option} ${file}: there is no folder ${dirname(file)}; make it first`);
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw new UsageError(`${option} ${file}: it is a folder; name a file in it`);
  await access(found ? file : dirname(file), constants.W_OK).catch((error: unknown) => {
    throw new UsageError(`${option} ${file}: ${describeFileError(error) ?? "it cannot be written"}`);
  });
}
