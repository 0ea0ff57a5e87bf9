import { DheeraError } from "@dheera-ai/core";

import { chooseWeights, type WeightsChoice, type WeightsWish } from "../model/choose-weights.ts";
import type { Cpu } from "../model/cpu.ts";
import { isSafePath } from "./cache/names.ts";
import type { HubFile } from "./remote/model-info.ts";

export interface NeededFiles {
  readonly weights: WeightsChoice;
  /** Weights last, so that what the model is can be told before most of it is downloaded. */
  readonly files: readonly HubFile[];
}

/**
 * What of a repository this machine needs: configuration, tokenizer and one file of weights, which is one for its CPU
 * unless a wish says otherwise. Nothing that could be a program, such as a pickle.
 * @throws DheeraError where something is missing, or a name could leave the cache
 */
export function neededFiles(model: string, files: readonly HubFile[], wish: WeightsWish, cpu: Cpu): NeededFiles {
  const weights = chooseWeights(
    model,
    files.map(({ path, bytes }) => ({ file: path, bytes })),
    wish,
    cpu,
  );
  const wanted = new Set([weights.file, ...weights.externalData]);
  const needed = files.filter(({ path }) => wanted.has(path) || isConfiguration(path));
  for (const { path } of needed)
    if (!isSafePath(path))
      throw new DheeraError(
        "provider_bad_response",
        `the Hub names a file of ${model} that no folder can hold safely: ${JSON.stringify(path.slice(0, 200))}`,
      );
  for (const missing of ["config.json", "tokenizer.json"])
    if (!needed.some(({ path }) => path.split("/").at(-1) === missing))
      throw new DheeraError(
        "model_not_found",
        `${model} has no ${missing}, which is needed to use it; take another model, or save it again with Python's transformers`,
        { param: "model" },
      );
  const rank = ({ path }: HubFile): number => (wanted.has(path) ? 1 : 0);
  return {
    weights,
    files: needed.toSorted((a, b) => rank(a) - rank(b) || a.bytes - b.bytes || (a.path < b.path ? -1 : 1)),
  };
}

/**
 * What transformers and sentence-transformers write beside weights, in the model's folder and in those of its modules,
 * such as `1_Pooling`.
 */
function isConfiguration(path: string): boolean {
  return configuration.test(path);
}

const configuration =
  /^(?:\d+_[\w.-]+\/)?(?:config|config_sentence_transformers|modules|sentence_[\w-]+_config|special_tokens_map|tokenizer|tokenizer_config)\.json$/;
