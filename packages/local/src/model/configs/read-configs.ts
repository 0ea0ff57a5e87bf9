import * as v from "valibot";

import type { FoundModel } from "../find-model.ts";
import { readJson } from "../model-folder.ts";

/** What the JSON files of a model say, as far as it is of use here; each exporter writes further fields. */
export interface Configs {
  /** `config.json` of the encoder; undefined where there is none. */
  readonly config: Config | undefined;
  /** `modules.json`: what sentence-transformers does one after the other; undefined where there is none. */
  readonly modules: readonly Module[] | undefined;
  /** Of the module that pools, where there is one. */
  readonly pooling: Pooling | undefined;
  /** `config_sentence_transformers.json`; empty where there is none. */
  readonly sentenceTransformers: SentenceTransformers;
  /** `sentence_bert_config.json` or an older name of it; empty where there is none. */
  readonly transformer: Transformer;
  /** `tokenizer_config.json`; empty where there is none. */
  readonly tokenizer: Tokenizer;
  /** Where the encoder's files are: empty, or a folder with a `/` behind it as in models of 2020. */
  readonly encoderFolder: string;
}

export type Config = v.InferOutput<typeof configSchema>;
export type Module = v.InferOutput<typeof moduleSchema>;
export type Pooling = v.InferOutput<typeof poolingSchema>;
export type SentenceTransformers = v.InferOutput<typeof sentenceTransformersSchema>;
export type Transformer = v.InferOutput<typeof transformerSchema>;
export type Tokenizer = v.InferOutput<typeof tokenizerSchema>;

/** @throws DheeraError `invalid_request` that names the file and the field that cannot be used */
export async function readConfigs(found: FoundModel): Promise<Configs> {
  const modules = await readJson(found, "modules.json", v.pipe(v.array(moduleSchema), v.maxLength(100)));
  const encoderFolder = folderOf(modules?.find(({ type }) => lastName(type) === "Transformer"));
  const pooling = modules?.find(({ type }) => lastName(type) === "Pooling");
  return {
    config: await readJson(found, `${encoderFolder}config.json`, configSchema),
    modules,
    pooling: pooling && (await readJson(found, `${folderOf(pooling)}config.json`, poolingSchema)),
    sentenceTransformers:
      (await readJson(found, "config_sentence_transformers.json", sentenceTransformersSchema)) ?? {},
    transformer: (await readTransformer(found, encoderFolder)) ?? {},
    tokenizer: (await readJson(found, `${encoderFolder}tokenizer_config.json`, tokenizerSchema)) ?? {},
    encoderFolder,
  };
}

/** `sentence_transformers.models.Pooling`, `sentence_transformers.sentence_transformer.modules.pooling.Pooling` → `Pooling`. */
export function lastName(type: string): string {
  return type.split(".").at(-1) ?? "";
}

function folderOf(module: Module | undefined): string {
  return module?.path && module.path !== "." ? `${module.path}/` : "";
}

async function readTransformer(found: FoundModel, folder: string): Promise<Transformer | undefined> {
  for (const kind of ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"]) {
    const read = await readJson(found, `${folder}sentence_${kind}_config.json`, transformerSchema);
    if (read) return read;
  }
  return undefined;
}

/** Without it a list would be an object without fields. */
const noList = v.check((value) => !Array.isArray(value));
const text = v.pipe(v.string(), v.maxLength(10_000));
const labelNumber = v.pipe(v.string(), v.regex(/^\d{1,6}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const configSchema = v.pipe(
  v.unknown(),
  noList,
  v.object({
    architectures: v.nullish(v.array(text)),
    model_type: v.nullish(text),
    num_labels: v.nullish(count),
    id2label: v.nullish(v.pipe(v.unknown(), noList, v.record(labelNumber, v.union([text, v.number()])))),
    /** xlnet writes -1. */
    max_position_embeddings: v.nullish(v.number()),
    pad_token_id: v.nullish(v.number()),
  }),
);

const moduleSchema = v.pipe(
  v.unknown(),
  noList,
  v.object({
    type: text,
    path: v.nullish(v.pipe(v.string(), v.regex(/^(?:\.|\w[\w.-]{0,99})?$/))),
  }),
);

const flag = v.nullish(v.boolean());

const poolingSchema = v.pipe(
  v.unknown(),
  noList,
  v.object({
    pooling_mode_cls_token: flag,
    pooling_mode_mean_tokens: flag,
    pooling_mode_max_tokens: flag,
    pooling_mode_mean_sqrt_len_tokens: flag,
    pooling_mode_weightedmean_tokens: flag,
    pooling_mode_lasttoken: flag,
    /** In place of the flags, since version 5.4 of sentence-transformers. */
    pooling_mode: v.nullish(v.union([text, v.array(text)])),
    include_prompt: flag,
  }),
);

const sentenceTransformersSchema = v.pipe(
  v.unknown(),
  noList,
  v.object({
    model_type: v.nullish(text),
    prompts: v.nullish(v.pipe(v.unknown(), noList, v.record(v.string(), v.nullish(text)))),
    default_prompt_name: v.nullish(text),
    similarity_fn_name: v.nullish(text),
  }),
);

const transformerSchema = v.pipe(v.unknown(), noList, v.object({ max_seq_length: v.nullish(count) }));

const tokenizerSchema = v.pipe(
  v.unknown(),
  noList,
  v.object({
    /** 1e30 means that nobody said it. */
    model_max_length: v.nullish(v.number()),
  }),
);
