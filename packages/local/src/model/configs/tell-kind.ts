import type { ModelFile } from "../weights-files.ts";
import { type Configs, lastName } from "./read-configs.ts";
import { unusable } from "../errors.ts";

/**
 * Whether a model reads query and document together or turns each into a vector, told by its files.
 * @param model Its name, for messages.
 * @param givenPooling Whether the configuration says how vectors are pooled.
 * @throws DheeraError `invalid_request` that says what another kind of model it is and what to use instead
 */
export function tellKind(
  model: string,
  configs: Configs,
  files: readonly ModelFile[],
  givenPooling: boolean,
): "cross-encoder" | "bi-encoder" {
  for (const { is, sentence } of others) if (is(configs, files, givenPooling)) throw refusal(model, sentence, configs);
  if (configs.config === undefined)
    throw unusable("invalid_request", "model", `local/${model} has no config.json; name the folder that holds it`);
  if (isClassifier(configs) && !poolsTexts(configs)) return "cross-encoder";
  if (poolsTexts(configs) || givenPooling) return "bi-encoder";
  const head = /For[A-Z]\w*$/.exec(architectures(configs)[0] ?? "")?.[0];
  if (head !== undefined)
    throw refusal(model, `was trained for another purpose (${head}) and scores no pairs; ${aReranker}`, configs);
  throw unusable(
    "invalid_request",
    "pooling",
    `local/${model} is an encoder whose files do not say how it pools vectors (there is no modules.json); ` +
      `where it is an embedding model, set pooling to mean, cls, max or last-token as its model card says; else ${aReranker}`,
  );
}

interface OtherKind {
  readonly is: (configs: Configs, files: readonly ModelFile[], givenPooling: boolean) => boolean;
  /** What it is, and what to use instead. */
  readonly sentence: string;
}

const aReranker = "use a cross-encoder such as local/cross-encoder/ms-marco-MiniLM-L6-v2";
const aServer = "serve it with vLLM or llama.cpp and use huggingface/ with its api_base";

/** Kinds of models that rank otherwise or not at all. The first that fits counts. */
const others: readonly OtherKind[] = [
  {
    is: ({ config, sentenceTransformers, modules }, files) =>
      config?.architectures?.some((name) => /colbert/i.test(name)) === true ||
      /^(?:MultiVectorEncoder|ColBERT)$/.test(sentenceTransformers.model_type ?? "") ||
      files.some(({ file }) => file === "artifact.metadata") ||
      modules?.some(({ type }) => type.startsWith("pylate.") || lastName(type) === "MultiVectorMask") === true,
    sentence: `compares all tokens of both texts (late interaction, ColBERT), which is not supported; ${aReranker}`,
  },
  {
    is: ({ config, modules }) =>
      config?.architectures?.includes("StaticModel") === true ||
      config?.model_type === "model2vec" ||
      modules?.some(({ type }) => ["StaticEmbedding", "WordEmbeddings", "BoW"].includes(lastName(type))) === true,
    sentence: `has static embeddings, which rank worse than bm25/default; use that, or a cross-encoder such as local/cross-encoder/ms-marco-MiniLM-L6-v2`,
  },
  {
    is: ({ sentenceTransformers, modules }) =>
      sentenceTransformers.model_type === "SparseEncoder" ||
      modules?.some(({ type }) =>
        ["SpladePooling", "MLMTransformer", "SparseStaticEmbedding"].includes(lastName(type)),
      ) === true,
    sentence: `gives sparse vectors (SPLADE), which are not supported; ${aReranker}`,
  },
  {
    // Some embedding models have such an architecture; then the files or the configuration say how they pool.
    is: (configs, _, givenPooling) =>
      !poolsTexts(configs) &&
      !givenPooling &&
      (architectures(configs).some((name) => /(?:ForCausalLM|ForConditionalGeneration|LMHeadModel)$/.test(name)) ||
        configs.modules?.some(({ type }) => lastName(type) === "LogitScore") === true),
    sentence: `is a generative model, which ranks by a prompt and is not supported; ${aServer}, or ${aReranker}`,
  },
  {
    is: (configs) => isClassifier(configs) && isDecoder(configs),
    sentence: `is a language model with a score in place of its words, which needs a prompt around query and document and is not supported; ${aServer}, or ${aReranker}`,
  },
  {
    is: ({ config }, files) => config === undefined && files.some(({ file }) => file.endsWith(".gguf")),
    sentence: `has weights for llama.cpp (GGUF), not for ONNX Runtime; ${aServer}, or ${aReranker}`,
  },
  {
    is: ({ modules }) => modules?.[0] !== undefined && modules.every(({ type }) => lastName(type) !== "Transformer"),
    sentence: `is put together of other parts than a transformer, which is not supported; ${aReranker}`,
  },
  {
    is: ({ modules, sentenceTransformers }) =>
      sentenceTransformers.model_type === "CrossEncoder" &&
      modules?.some(({ type }) => lastName(type) === "Pooling" || lastName(type) === "Dense") === true,
    sentence: `keeps its last layers outside of what is exported to ONNX, which is not supported; ${aReranker}`,
  },
];

/** Whether sentence-transformers makes one vector of a text with it. */
function poolsTexts({ modules, sentenceTransformers }: Configs): boolean {
  return (
    sentenceTransformers.model_type !== "CrossEncoder" &&
    modules?.some(({ type }) => lastName(type) === "Pooling") === true
  );
}

function isClassifier(configs: Configs): boolean {
  return architectures(configs).some((name) => name.endsWith("ForSequenceClassification"));
}

/** Their tokenizers put nothing between query and document, so that both run into one another without a prompt. */
function isDecoder({ config }: Configs): boolean {
  return /^(?:qwen|llama|mistral|mixtral|ministral|gemma|phi|gpt|opt$|bloom|falcon|olmo|smollm|granite$|cohere|stablelm|deepseek|minicpm|internlm|lfm|starcoder)/.test(
    config?.model_type ?? "",
  );
}

function architectures({ config }: Configs): readonly string[] {
  return config?.architectures ?? [];
}

function refusal(model: string, sentence: string, configs: Configs): Error {
  const [architecture] = architectures(configs);
  const of = architecture === undefined ? "" : ` (${architecture.slice(0, 60)})`;
  return unusable("invalid_request", "model", `local/${model}${of} ${sentence}`);
}
