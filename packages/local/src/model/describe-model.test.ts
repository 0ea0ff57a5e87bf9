import { chmod, rm, truncate } from "node:fs/promises";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { parseCpu } from "./cpu.ts";
import { describeModel, type ModelWish } from "./describe-model.ts";
import type { ModelDescription } from "./description.ts";
import { findModel } from "./find-model.ts";
import { knownModels } from "./testing/known-models.ts";
import { type ModelFiles, writeModel } from "./testing/make-model.ts";

const cpu = parseCpu("x64", "avx2");
const crossEncoder = knownModels["cross-encoder/quora-roberta-base"];
const biEncoder = knownModels["sentence-transformers/all-mpnet-base-v2"];

const folders: Awaited<ReturnType<typeof createFolder>>[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder[Symbol.asyncDispose]();
});

async function makeFolder(files: ModelFiles): Promise<string> {
  const folder = await createFolder();
  folders.push(folder);
  await writeModel(folder.path, files);
  return folder.path;
}

async function describeFolder(path: string, wish: ModelWish = {}): Promise<ModelDescription> {
  return describeModel(await findModel(path, { environment: {} }), wish, cpu);
}

const describeFiles = async (files: ModelFiles, wish?: ModelWish): Promise<ModelDescription> =>
  describeFolder(await makeFolder(files), wish);

describe("the tokens that a model reads", () => {
  const tokensOf = async (
    config: object,
    others: { readonly tokenizer?: object; readonly transformer?: object } = {},
    maxLength?: number,
  ): Promise<number> => {
    const { tokens } = await describeFiles(
      {
        "config.json": { architectures: ["BertForSequenceClassification"], num_labels: 1, ...config },
        "tokenizer_config.json": others.tokenizer ?? {},
        "sentence_bert_config.json": others.transformer ?? {},
        "tokenizer.json": 1,
        "model.onnx": 1,
      },
      { maxLength },
    );
    return tokens;
  };

  it.each([
    ["its positions", { max_position_embeddings: 512 }, {}, 512],
    ["what its tokenizer says", { max_position_embeddings: 8192 }, { tokenizer: { model_max_length: 1024 } }, 1024],
    [
      "its positions where its tokenizer says more",
      { max_position_embeddings: 512 },
      { tokenizer: { model_max_length: 8192 } },
      512,
    ],
    [
      "its positions where its tokenizer says nothing",
      { max_position_embeddings: 512 },
      { tokenizer: { model_max_length: 1e30 } },
      512,
    ],
    [
      "what sentence-transformers was told",
      { max_position_embeddings: 512 },
      { transformer: { max_seq_length: 128 }, tokenizer: { model_max_length: 512 } },
      128,
    ],
    [
      "what sentence-transformers was told, although it is more",
      { max_position_embeddings: 512 },
      { transformer: { max_seq_length: 384 }, tokenizer: { model_max_length: 256 } },
      384,
    ],
    ["512 where nothing is said", {}, {}, 512],
    ["512 where no number is one", { max_position_embeddings: -1 }, { tokenizer: { model_max_length: 0.5 } }, 512],
    [
      "the tokenizer's where there are no positions",
      { max_position_embeddings: -1 },
      { tokenizer: { model_max_length: 1024 } },
      1024,
    ],
    [
      "2,048 where it would take more",
      { max_position_embeddings: 8192 },
      { tokenizer: { model_max_length: 8192 } },
      2048,
    ],
    [
      "two less than RoBERTa's positions",
      { model_type: "roberta", max_position_embeddings: 514, pad_token_id: 1 },
      {},
      512,
    ],
    [
      "two less than XLM-RoBERTa's positions, without a padding token",
      { model_type: "xlm-roberta", max_position_embeddings: 514 },
      {},
      512,
    ],
    [
      "two less than the positions of an unnamed type of RoBERTa",
      { architectures: ["XLMRobertaForSequenceClassification"], max_position_embeddings: 1026 },
      {},
      1024,
    ],
    [
      "as many as ELECTRA's positions",
      {
        model_type: "electra",
        architectures: ["ElectraForSequenceClassification"],
        max_position_embeddings: 512,
        pad_token_id: 0,
      },
      {},
      512,
    ],
  ])("are %s", async (_, config, others, tokens) => {
    expect(await tokensOf(config, others)).toBe(tokens);
  });

  it.each([8, 128, 512])("are max_length where the configuration says %d", async (maxLength) => {
    expect(await tokensOf({ max_position_embeddings: 512 }, { tokenizer: { model_max_length: 256 } }, maxLength)).toBe(
      maxLength,
    );
  });

  it("are as many as a model for very long texts has where max_length says so", async () => {
    expect(await tokensOf({ max_position_embeddings: 8192 }, {}, 8192)).toBe(8192);
  });

  it.each([7, 513, 100.5, -1, Number.NaN, Number.POSITIVE_INFINITY])("are not %d of 512", async (maxLength) => {
    await expect(tokensOf({ max_position_embeddings: 512 }, {}, maxLength)).rejects.toMatchObject({
      code: "invalid_request",
      param: "max_length",
      message: expect.stringContaining("a whole number from 8 to 512"),
    });
  });
});

describe("the label that means that a document is relevant", () => {
  const labelsOf = async (labels: readonly string[], positiveLabel?: string | number): Promise<unknown> => {
    const id2label = Object.fromEntries(labels.map((label, index) => [index, label]));
    const files = { ...crossEncoder, "config.json": { architectures: ["BertForSequenceClassification"], id2label } };
    const model = await describeFiles(files, { positiveLabel });
    return model.kind === "cross-encoder" && model.positive;
  };

  it.each([
    [["irrelevant", "relevant"], 1],
    [["Relevant", "Irrelevant"], 0],
    [["negative", "neutral", "POSITIVE"], 2],
    [["no", "yes"], 1],
    [["False", "True"], 1],
    [["0", "1"], 1],
    [["contradiction", "neutral", "entailment"], 2],
    [["LABEL_0", "LABEL_1"], 1],
    [["anything"], 0],
  ])("of %j is the one at %d", async (labels, positive) => {
    expect(await labelsOf(labels)).toBe(positive);
  });

  it.each([
    [["one", "two", "three"], "two", 1],
    [["one", "two", "three"], "TWO", 1],
    [["one", "two", "three"], "2", 2],
    [["one", "two", "three"], 2, 2],
    [["2", "1", "0"], 2, 0],
    [["no", "yes"], "no", 0],
    [["no", "yes"], "0", 0],
  ])("of %j is %j where the configuration says it", async (labels, wish, positive) => {
    expect(await labelsOf(labels, wish)).toBe(positive);
  });

  it.each([
    [["one", "two", "three"], undefined],
    [["LABEL_0", "LABEL_1", "LABEL_2"], undefined],
    [["relevant", "yes"], undefined],
    [["no", "yes"], "maybe"],
    [["no", "yes"], "2"],
    [["no", "yes"], "-1"],
    [["no", "yes"], "length"],
  ])("of %j cannot be told with %j, and the error names them", async (labels, wish) => {
    await expect(labelsOf(labels, wish)).rejects.toMatchObject({
      code: "invalid_request",
      param: "positive_label",
      message: expect.stringContaining(`set positive_label to one of ${labels.join(", ")}`),
    });
  });

  it("is the second of the two that transformers takes where no file names any", async () => {
    const files = { ...crossEncoder, "config.json": { architectures: ["BertForSequenceClassification"] } };
    expect(await describeFiles(files)).toMatchObject({ labels: 2, positive: 1 });
  });
});

describe("how the vectors of tokens become one", () => {
  const poolingOf = async (config: object, more: ModelFiles = {}, wish?: ModelWish): Promise<unknown> => {
    const model = await describeFiles({ ...biEncoder, "1_Pooling/config.json": config, ...more }, wish);
    return model.kind === "bi-encoder" && model.pooling;
  };

  it.each([
    [{ pooling_mode_mean_tokens: true }, "mean"],
    [{ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }, "cls"],
    [{ pooling_mode_max_tokens: true, pooling_mode_mean_tokens: false }, "max"],
    [{ pooling_mode_lasttoken: true, pooling_mode_mean_tokens: false }, "last-token"],
    [{ pooling_mode_mean_sqrt_len_tokens: true }, "mean"],
    [{ embedding_dimension: 384, pooling_mode: "cls" }, "cls"],
    [{ pooling_mode: "lasttoken" }, "last-token"],
    [{ pooling_mode: ["mean"] }, "mean"],
    [{ pooling_mode_mean_tokens: false }, "mean"],
    [{ pooling_mode_weightedmean_tokens: true }, "in-the-file"],
    [{ pooling_mode_mean_tokens: true, pooling_mode_cls_token: true }, "in-the-file"],
    [{ pooling_mode: ["mean", "max"] }, "in-the-file"],
    [{ pooling_mode: "of tomorrow" }, "in-the-file"],
    [{ pooling_mode: "constructor" }, "in-the-file"],
  ])("with %j is %s", async (config, pooling) => {
    expect(await poolingOf(config)).toBe(pooling);
  });

  it("is what the configuration says, whatever the files say", async () => {
    expect(await poolingOf({ pooling_mode_mean_tokens: true }, {}, { pooling: "cls" })).toBe("cls");
  });

  it.each(["Dense", "LayerNorm", "CNN", "Router"])("is in the file where a %s follows", async (name) => {
    const modules = [...biEncoder["modules.json"], { path: `3_${name}`, type: `sentence_transformers.models.${name}` }];
    expect(await poolingOf({ pooling_mode_mean_tokens: true }, { "modules.json": modules })).toBe("in-the-file");
  });

  it("is found in folders as in 2020", async () => {
    const model = await describeFiles({
      "modules.json": [
        { idx: 0, name: "0", path: "0_Transformer", type: "sentence_transformers.models.Transformer" },
        { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
      ],
      "0_Transformer/config.json": {
        architectures: ["RobertaModel"],
        model_type: "roberta",
        max_position_embeddings: 514,
      },
      "0_Transformer/sentence_roberta_config.json": { max_seq_length: 128 },
      "0_Transformer/tokenizer.json": 1,
      "1_Pooling/config.json": { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
      "onnx/model.onnx": 1,
    });
    expect(model).toMatchObject({
      pooling: "cls",
      tokens: 128,
      tokenizer: join(model.folder, "0_Transformer/tokenizer.json"),
    });
  });
});

describe("what stands before each text", () => {
  const promptsOf = async (config: object, wish?: ModelWish, pooling?: object): Promise<unknown> => {
    const model = await describeFiles(
      {
        ...biEncoder,
        "config_sentence_transformers.json": config,
        ...(pooling && { "1_Pooling/config.json": pooling }),
      },
      wish,
    );
    return model.kind === "bi-encoder" && model.prompts;
  };

  it.each([
    [{}, "", ""],
    [{ prompts: { query: "q: ", document: "d: " } }, "q: ", "d: "],
    [{ prompts: { query: "q: ", passage: "p: ", corpus: "c: " } }, "q: ", "p: "],
    [{ prompts: { query: "q: ", corpus: "c: " } }, "q: ", "c: "],
    [{ prompts: { query: "", all: "all: " }, default_prompt_name: "all" }, "", "all: "],
    [{ prompts: { all: "all: " }, default_prompt_name: "all" }, "all: ", "all: "],
    [{ prompts: { all: "all: " }, default_prompt_name: null }, "", ""],
    [{ prompts: null }, "", ""],
    [{ prompts: { query: null } }, "", ""],
  ])("with %j is %j and %j", async (config, query, document) => {
    expect(await promptsOf(config)).toEqual({ query, document });
  });

  it("is what the configuration says, also nothing", async () => {
    const config = { prompts: { query: "q: ", document: "d: " } };
    expect(await promptsOf(config, { queryPrompt: "", documentPrompt: "passage: " })).toEqual({
      query: "",
      document: "passage: ",
    });
  });

  it("is refused where the model leaves it out of its vectors", async () => {
    const pooling = { pooling_mode_mean_tokens: true, include_prompt: false };
    await expect(promptsOf({ prompts: { query: "q: " } }, {}, pooling)).rejects.toMatchObject({
      param: "query_prompt",
    });
    expect(await promptsOf({}, {}, pooling)).toEqual({ query: "", document: "" });
  });
});

describe("warnings", () => {
  it("tell that a file is small and slow, by what it holds", async () => {
    const integers = "\u0022\u000dMatMulInteger";
    const warningsFor = async (content: string, dtype: "q8" | "q4"): Promise<readonly string[]> => {
      const files = { ...crossEncoder, "onnx/model_quantized.onnx": content, "onnx/model_q4.onnx": content };
      return (await describeFiles(files, { dtype })).warnings;
    };
    expect(await warningsFor(integers, "q8")).toEqual([]);
    expect(await warningsFor("", "q4")).toEqual([]);
    expect(await warningsFor("\u0022\u0010DequantizeLinear", "q8")).toEqual([
      expect.stringMatching(
        /^onnx\/model_quantized\.onnx of .* multiplies floats, which is slower than fp32; set dtype: fp32/,
      ),
    ]);
  });

  it("name what has no effect on a model of its kind", async () => {
    const wish = { pooling: "cls", queryPrompt: "q: ", documentPrompt: "d: ", positiveLabel: "0" } as const;
    const cross = await describeFiles(crossEncoder, wish);
    expect(cross.warnings).toEqual([
      `pooling has no effect: local/${cross.name} is a cross-encoder`,
      `query_prompt has no effect: local/${cross.name} is a cross-encoder`,
      `document_prompt has no effect: local/${cross.name} is a cross-encoder`,
    ]);
    const bi = await describeFiles(biEncoder, wish);
    expect(bi.warnings).toEqual([`positive_label has no effect: local/${bi.name} is a bi-encoder`]);
  });

  it("tell that vectors are compared otherwise than they were trained for", async () => {
    const similarity = { "config_sentence_transformers.json": { similarity_fn_name: "dot" } };
    const modules = biEncoder["modules.json"].slice(0, 2);
    expect((await describeFiles({ ...biEncoder, ...similarity })).warnings).toEqual([]);
    expect((await describeFiles({ ...biEncoder, ...similarity, "modules.json": modules })).warnings).toEqual([
      expect.stringContaining("another comparison of its vectors (dot) than the cosine"),
    ]);
  });
});

describe("a folder that is not a whole model", () => {
  const without = (files: ModelFiles, name: string): ModelFiles =>
    Object.fromEntries(Object.entries(files).filter(([file]) => file !== name));

  it.each([
    [without(crossEncoder, "config.json"), "model", "has no config.json"],
    [without(crossEncoder, "tokenizer.json"), "model", "has no tokenizer.json; make it with Python"],
    [without(crossEncoder, "onnx/model.onnx"), "model", "has no ONNX file"],
    [{}, "model", "has no config.json"],
    [
      { ...biEncoder, "modules.json": [{ path: "", type: "sentence_transformers.models.Transformer" }] },
      "model",
      "another purpose",
    ],
  ])("is refused with what is missing (%#)", async (files, param, message) => {
    await expect(describeFiles(files)).rejects.toMatchObject({ param, message: expect.stringContaining(message) });
  });
});

describe("a folder that cannot be read", () => {
  it("is named, when it has gone since it was found", async () => {
    const path = await makeFolder(crossEncoder);
    const found = await findModel(path, { environment: {} });
    await rm(path, { recursive: true });
    await expect(describeModel(found, {}, cpu)).rejects.toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining(`${path} cannot be read`),
    });
  });

  it.skipIf(process.getuid?.() === 0)("within the model's own is left out", async () => {
    const path = await makeFolder({ ...crossEncoder, "lost+found/a": 1 });
    await chmod(join(path, "lost+found"), 0);
    expect(await describeFolder(path)).toMatchObject({ kind: "cross-encoder" });
    await chmod(join(path, "lost+found"), 0o700);
  });

  it("is refused where it holds far more than a model", async () => {
    const files = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`images/${index}.png`, 0]));
    await expect(describeFiles({ ...crossEncoder, ...files })).rejects.toThrow("more than 10000 files");
  });
});

describe("a file that is not what it should be", () => {
  it.each([
    ["config.json", "not json", "config.json is no JSON"],
    ["config.json", "", "config.json is no JSON"],
    ["config.json", "[]", "config.json does not hold what such a file holds"],
    ["config.json", "null", "config.json does not hold what such a file holds"],
    ["config.json", { architectures: "BertModel" }, "config.json has no usable architectures"],
    ["config.json", { architectures: [1] }, "config.json has no usable architectures.0"],
    ["config.json", { id2label: { "-1": "x" } }, "config.json has no usable id2label.-1"],
    ["config.json", { max_position_embeddings: "512" }, "config.json has no usable max_position_embeddings"],
    ["modules.json", {}, "modules.json does not hold what such a file holds"],
    [
      "modules.json",
      [{ type: "sentence_transformers.models.Pooling", path: "../../etc" }],
      "modules.json has no usable 0.path",
    ],
    [
      "modules.json",
      [{ type: "sentence_transformers.models.Pooling", path: "/etc" }],
      "modules.json has no usable 0.path",
    ],
    [
      "1_Pooling/config.json",
      { pooling_mode_cls_token: "yes" },
      "1_Pooling/config.json has no usable pooling_mode_cls_token",
    ],
    ["sentence_bert_config.json", { max_seq_length: 1.5 }, "sentence_bert_config.json has no usable max_seq_length"],
    ["tokenizer_config.json", { model_max_length: "512" }, "tokenizer_config.json has no usable model_max_length"],
    [
      "config_sentence_transformers.json",
      { prompts: ["q: "] },
      "config_sentence_transformers.json has no usable prompts",
    ],
  ])("such as %s with %j is named", async (file, content, message) => {
    await expect(describeFiles({ ...biEncoder, [file]: content })).rejects.toMatchObject({
      code: "invalid_request",
      param: "model",
      provider: "local",
      message: expect.stringContaining(message),
    });
  });

  it("is not read where it is too large for a configuration", async () => {
    const path = await makeFolder(biEncoder);
    await truncate(join(path, "modules.json"), 5_000_000_000);
    await expect(describeFolder(path)).rejects.toThrow("modules.json has more than 4 MiB");
  });

  it("is not read where it is a folder", async () => {
    await expect(describeFiles({ ...crossEncoder, "modules.json/a": 1 })).rejects.toThrow("modules.json is no file");
  });

  it("may begin with a byte order mark", async () => {
    const config = `\uFEFF${JSON.stringify(crossEncoder["config.json"])}`;
    expect(await describeFiles({ ...crossEncoder, "config.json": config })).toMatchObject({ kind: "cross-encoder" });
  });

  it("gives a description that can be used or an error that names the model, whatever it holds", async () => {
    const path = await makeFolder(biEncoder);
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(null, 0, -1, 512, 1e30, "mean", [], {}, ["BertForSequenceClassification"], "__proto__"),
    );
    const fields = fc.constantFrom(
      "architectures",
      "model_type",
      "id2label",
      "num_labels",
      "max_position_embeddings",
      "pad_token_id",
      "type",
      "path",
      "pooling_mode",
      "pooling_mode_cls_token",
      "max_seq_length",
      "model_max_length",
      "prompts",
      "default_prompt_name",
      "__proto__",
    );
    const json = fc.oneof(
      fc.dictionary(fields, value, { noNullPrototype: true }).map((object) => JSON.stringify(object)),
      fc.array(fc.dictionary(fields, value, { noNullPrototype: true })).map((list) => JSON.stringify(list)),
      fc.json(),
      fc.string(),
    );
    const file = fc.constantFrom(
      "config.json",
      "modules.json",
      "1_Pooling/config.json",
      "sentence_bert_config.json",
      "tokenizer_config.json",
      "config_sentence_transformers.json",
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(file, json, { minKeys: 1 }), async (files) => {
        await writeModel(path, { ...biEncoder, ...files });
        let model;
        try {
          model = await describeFolder(path);
        } catch (error) {
          expect(error).toMatchObject({ name: "DheeraError", provider: "local", param: expect.any(String) });
          return;
        }
        expect(Number.isInteger(model.tokens) && model.tokens >= 8 && model.tokens <= 131_072).toBe(true);
        if (model.kind === "bi-encoder") {
          expect(["mean", "cls", "max", "last-token", "in-the-file"]).toContain(model.pooling);
          expect([typeof model.prompts.query, typeof model.prompts.document]).toEqual(["string", "string"]);
        } else expect(model.positive >= 0 && model.positive < model.labels).toBe(true);
      }),
    );
  });
});
