import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { type Cpu, parseCpu } from "./cpu.ts";
import { describeModel, type ModelWish } from "./describe-model.ts";
import type { ModelDescription } from "./description.ts";
import { findModel } from "./find-model.ts";
import { type KnownModel, knownModels } from "./testing/known-models.ts";
import { writeModel } from "./testing/make-model.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const vnni = parseCpu("x64", "avx2 avx512f avx512bw avx512_vnni");

let folder: Awaited<ReturnType<typeof createFolder>>;
beforeAll(async () => {
  folder = await createFolder();
  for (const [name, files] of Object.entries(knownModels)) {
    const repository = join(folder.path, `models--${name.replace("/", "--")}`);
    await writeModel(repository, { "refs/main": commit });
    await writeModel(join(repository, "snapshots", commit), files);
  }
});
afterAll(() => folder[Symbol.asyncDispose]());

async function describeKnown(name: KnownModel, wish: ModelWish = {}, cpu: Cpu = vnni): Promise<ModelDescription> {
  return describeModel(await findModel(name, { environment: { HF_HUB_CACHE: folder.path } }), wish, cpu);
}

/** Of the descriptions what differs between models. */
async function summary(name: KnownModel, wish?: ModelWish): Promise<readonly unknown[]> {
  const model = await describeKnown(name, wish);
  const own =
    model.kind === "cross-encoder"
      ? [model.labels, model.positive]
      : [model.pooling, model.prompts.query, model.prompts.document];
  return [model.kind, model.tokens, model.weights.file, ...own];
}

describe("a cross-encoder", () => {
  it.each<readonly [KnownModel, number, string, number, number]>([
    ["cross-encoder/ms-marco-MiniLM-L6-v2", 512, "onnx/model_qint8_avx512_vnni.onnx", 1, 0],
    ["BAAI/bge-reranker-base", 512, "onnx/model.onnx", 1, 0],
    ["onnx-community/bge-reranker-v2-m3-ONNX", 2048, "onnx/model.onnx", 1, 0],
    ["mixedbread-ai/mxbai-rerank-xsmall-v1", 512, "onnx/model.onnx", 1, 0],
    ["jinaai/jina-reranker-v2-base-multilingual", 1024, "onnx/model.onnx", 1, 0],
    ["Alibaba-NLP/gte-reranker-modernbert-base", 2048, "onnx/model.onnx", 1, 0],
    ["cross-encoder/nli-deberta-v3-small", 512, "onnx/model.onnx", 3, 1],
    ["cross-encoder/quora-roberta-base", 512, "onnx/model.onnx", 1, 0],
    ["me/cross-encoder-with-modules", 1024, "onnx/model.onnx", 1, 0],
  ])("%s reads %d tokens with %s", async (name, ...expected) => {
    expect(await summary(name)).toEqual(["cross-encoder", ...expected]);
  });
});

describe("an embedding model", () => {
  it.each<readonly [KnownModel, number, string, string, string, string]>([
    ["sentence-transformers/all-MiniLM-L6-v2", 256, "onnx/model_qint8_avx512_vnni.onnx", "mean", "", ""],
    ["BAAI/bge-small-en-v1.5", 512, "onnx/model.onnx", "cls", "", ""],
    [
      "Snowflake/snowflake-arctic-embed-xs",
      512,
      "onnx/model.onnx",
      "cls",
      "Represent this sentence for searching relevant passages: ",
      "",
    ],
    ["sentence-transformers/all-mpnet-base-v2", 384, "onnx/model.onnx", "mean", "", ""],
    [
      "Qwen/Qwen3-Embedding-0.6B",
      2048,
      "onnx/model.onnx",
      "last-token",
      "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
      "",
    ],
    [
      "google/embeddinggemma-300m",
      2048,
      "onnx/model.onnx",
      "in-the-file",
      "task: search result | query: ",
      "title: none | text: ",
    ],
  ])("%s reads %d tokens with %s, pools by %s and has its own prompts", async (name, ...expected) => {
    expect(await summary(name)).toEqual(["bi-encoder", ...expected]);
  });

  it("takes the prompts that its model card alone names from the configuration", async () => {
    const wish = { queryPrompt: "query: ", documentPrompt: "passage: " };
    expect(await summary("intfloat/multilingual-e5-small", wish)).toEqual([
      "bi-encoder",
      512,
      "onnx/model_qint8_avx512_vnni.onnx",
      "mean",
      "query: ",
      "passage: ",
    ]);
  });

  it("that does not say how it pools is refused until the configuration says it", async () => {
    await expect(describeKnown("Xenova/bge-small-en-v1.5")).rejects.toMatchObject({
      code: "invalid_request",
      param: "pooling",
      message: expect.stringContaining("set pooling to mean, cls, max or last-token as its model card says"),
    });
    expect(await summary("Xenova/bge-small-en-v1.5", { pooling: "cls" })).toEqual([
      "bi-encoder",
      512,
      "onnx/model.onnx",
      "cls",
      "",
      "",
    ]);
  });
});

it("of a generative architecture without a word about pooling is one where the configuration says how it pools", async () => {
  expect(await summary("onnx-community/Qwen3-Embedding-0.6B-ONNX", { pooling: "last-token" })).toEqual([
    "bi-encoder",
    2048,
    "onnx/model.onnx",
    "last-token",
    "",
    "",
  ]);
  await expect(describeKnown("onnx-community/Qwen3-Embedding-0.6B-ONNX")).rejects.toThrow("is a generative model");
});

describe("another kind of model", () => {
  it.each<readonly [KnownModel, string]>([
    ["Qwen/Qwen3-Reranker-0.6B", "(Qwen3ForCausalLM) is a generative model"],
    ["zeroentropy/zerank-2", "(Qwen3ForCausalLM) is a generative model"],
    ["BAAI/bge-reranker-v2-gemma", "(GemmaForCausalLM) is a generative model"],
    ["tomaarsen/Qwen3-Reranker-0.6B-seq-cls", "(Qwen3ForSequenceClassification) is a language model with a score"],
    ["colbert-ir/colbertv2.0", "(HF_ColBERT) compares all tokens of both texts"],
    ["lightonai/GTE-ModernColBERT-v1", "compares all tokens of both texts"],
    ["minishlab/potion-base-8M", "has static embeddings, which rank worse than bm25/default"],
    ["naver/splade-cocondenser-ensembledistil", "gives sparse vectors"],
    ["sentence-transformers/clip-ViT-B-32", "is put together of other parts than a transformer"],
    ["deepset/roberta-base-squad2", "was trained for another purpose (ForQuestionAnswering)"],
    ["google-bert/bert-base-uncased", "was trained for another purpose (ForMaskedLM)"],
    ["gpustack/bge-reranker-v2-m3-GGUF", "has weights for llama.cpp (GGUF)"],
  ])("such as %s is refused, because it %s", async (name, reason) => {
    const refusal = await describeKnown(name).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "invalid_request", param: "model", provider: "local", permanent: true });
    expect(String(refusal)).toContain(reason);
    expect(String(refusal)).toContain("cross-encoder/ms-marco-MiniLM-L6-v2");
  });
});

it("says how to make an ONNX file of a model that has none", async () => {
  await expect(describeKnown("BAAI/bge-reranker-v2-m3")).rejects.toMatchObject({
    code: "model_not_found",
    message: expect.stringMatching(
      /only model\.safetensors.*CrossEncoder\("BAAI\/bge-reranker-v2-m3", backend="onnx"\).*onnx\/model\.onnx/,
    ),
  });
});

it("describes a model with the paths of its files", async () => {
  const snapshot = join(folder.path, "models--cross-encoder--ms-marco-MiniLM-L6-v2", "snapshots", commit);
  expect(await describeKnown("cross-encoder/ms-marco-MiniLM-L6-v2", { dtype: "fp32" })).toEqual({
    kind: "cross-encoder",
    name: "cross-encoder/ms-marco-MiniLM-L6-v2",
    folder: snapshot,
    revision: commit,
    tokenizer: join(snapshot, "tokenizer.json"),
    weights: {
      path: join(snapshot, "onnx/model.onnx"),
      file: "onnx/model.onnx",
      dtype: "fp32",
      integers: false,
      externalData: [],
      bytes: 91_000,
      reason: "the best of this dtype",
    },
    tokens: 512,
    warnings: [],
    labels: 1,
    positive: 0,
  });
});
