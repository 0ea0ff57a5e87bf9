import { join } from "node:path";

import { chooseWeights, type WeightsChoice, type WeightsWish } from "./choose-weights.ts";
import { type Configs, lastName, readConfigs } from "./configs/read-configs.ts";
import { countTokens } from "./configs/count-tokens.ts";
import type { Cpu } from "./cpu.ts";
import type { BiEncoder, ModelDescription, Weights } from "./description.ts";
import { unusable } from "./errors.ts";
import type { FoundModel } from "./find-model.ts";
import { listFiles } from "./model-folder.ts";
import { multipliesIntegers } from "./multiplies-integers.ts";
import type { ModelFile } from "./weights-files.ts";
import { readLabels } from "./configs/read-labels.ts";
import { readPooling } from "./configs/read-pooling.ts";
import { readPrompts } from "./configs/read-prompts.ts";
import { tellKind } from "./configs/tell-kind.ts";

/** What the configuration says about a model in place of its files. */
export interface ModelWish extends WeightsWish {
  /** Tokens, special tokens included; at least 8, at most what the model has positions for. */
  readonly maxLength?: number | undefined;
  readonly pooling?: Exclude<BiEncoder["pooling"], "in-the-file"> | undefined;
  readonly queryPrompt?: string | undefined;
  readonly documentPrompt?: string | undefined;
  /** The name or the number of the label that means "relevant". */
  readonly positiveLabel?: string | number | undefined;
}

/**
 * What a model is, told by its files, and which of its weights are used on this CPU.
 * @throws DheeraError `invalid_request` where it is of a kind that is not supported, where its files are broken or where
 * a wish does not fit; `model_not_found` where it has no ONNX file
 */
export async function describeModel(found: FoundModel, wish: ModelWish, cpu: Cpu): Promise<ModelDescription> {
  const { name, folder, revision } = found;
  const files = await listFiles(found);
  const configs = await readConfigs(found);
  const kind = tellKind(name, configs, files, wish.pooling !== undefined);
  const tokenizer = findTokenizer(name, configs, files);
  const choice = chooseWeights(name, files, wish, cpu);
  const weights = await lookInto(name, join(folder, choice.file), choice);
  const described = {
    name,
    folder,
    revision,
    tokenizer: join(folder, tokenizer),
    weights,
    tokens: countTokens(name, configs, wish.maxLength),
    warnings: [...withoutEffect(name, kind, wish), ...comparison(name, kind, configs), ...slowness(name, weights)],
  };
  return kind === "cross-encoder"
    ? { ...described, kind, ...readLabels(name, configs.config ?? {}, wish.positiveLabel) }
    : { ...described, kind, pooling: wish.pooling ?? readPooling(configs), prompts: readPrompts(name, configs, wish) };
}

async function lookInto(model: string, path: string, choice: WeightsChoice): Promise<Weights> {
  try {
    return { path, ...choice, integers: await multipliesIntegers(path) };
  } catch (error) {
    throw unusable(
      "model_not_found",
      "model",
      `local/${model}: ${choice.file} cannot be read; check who may read it`,
      error,
    );
  }
}

/** What the configuration says that a model of this kind has no use for. */
function withoutEffect(model: string, kind: ModelDescription["kind"], wish: ModelWish): readonly string[] {
  const { pooling, queryPrompt: query_prompt, documentPrompt: document_prompt, positiveLabel: positive_label } = wish;
  const useless = kind === "cross-encoder" ? { pooling, query_prompt, document_prompt } : { positive_label };
  return Object.entries(useless)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `${name} has no effect: local/${model} is a ${kind}`);
}

/** Vectors of length 1 have the same cosine and dot product. */
function comparison(model: string, kind: ModelDescription["kind"], configs: Configs): readonly string[] {
  const { similarity_fn_name: similarity } = configs.sentenceTransformers;
  const isNormalized = configs.modules?.some(({ type }) => lastName(type) === "Normalize");
  if (kind === "cross-encoder" || !similarity || similarity === "cosine" || isNormalized) return [];
  return [
    `local/${model} was trained for another comparison of its vectors (${similarity.slice(0, 40)}) than the cosine that is used`,
  ];
}

/** Small weights that are made large again for each product. */
function slowness(
  model: string,
  { file, dtype, integers }: Pick<Weights, "file" | "dtype" | "integers">,
): readonly string[] {
  if (integers || !["int8", "uint8", "q8"].includes(dtype)) return [];
  return [
    `${file} of local/${model} has small weights but multiplies floats, which is slower than fp32; set dtype: fp32 where there is such a file`,
  ];
}

function findTokenizer(model: string, { encoderFolder }: Configs, files: readonly ModelFile[]): string {
  const there = new Set(files.map(({ file }) => file));
  const tokenizer = [`${encoderFolder}tokenizer.json`, "tokenizer.json"].find((file) => there.has(file));
  if (tokenizer !== undefined) return tokenizer;
  throw unusable(
    "invalid_request",
    "model",
    `local/${model} has no tokenizer.json; make it with Python: from transformers import AutoTokenizer; AutoTokenizer.from_pretrained("${model}").save_pretrained("folder"), and use local/./folder`,
  );
}
