import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { chooseWeights, type WeightsChoice, type WeightsWish } from "./choose-weights.ts";
import { type Cpu, parseCpu, wasmCpu } from "./cpu.ts";
import { dtypes } from "./description.ts";

const vnni = parseCpu("x64", "avx2 avx512f avx512bw avx512_vnni");
const avx512 = parseCpu("x64", "avx2 avx512f avx512bw");
const alderLake = parseCpu("x64", "avx2 avx_vnni");
const avx2 = parseCpu("x64", "avx2");
const arm = parseCpu("arm64", "asimddp");

/** As the repositories of sentence-transformers' cross-encoders have them. */
const siblings = [
  "onnx/model.onnx",
  "onnx/model_O1.onnx",
  "onnx/model_O2.onnx",
  "onnx/model_O3.onnx",
  "onnx/model_O4.onnx",
  "onnx/model_qint8_arm64.onnx",
  "onnx/model_qint8_avx512.onnx",
  "onnx/model_qint8_avx512_vnni.onnx",
  "onnx/model_quint8_avx2.onnx",
];
/** As transformers.js's conversion makes them. */
const converted = [
  "onnx/model.onnx",
  "onnx/model_bnb4.onnx",
  "onnx/model_fp16.onnx",
  "onnx/model_int8.onnx",
  "onnx/model_q4.onnx",
  "onnx/model_q4f16.onnx",
  "onnx/model_quantized.onnx",
  "onnx/model_uint8.onnx",
];

function choose(files: readonly string[], cpu: Cpu, wish: WeightsWish = {}): WeightsChoice {
  return chooseWeights(
    "org/model",
    files.map((file) => ({ file, bytes: 1 })),
    wish,
    cpu,
  );
}

describe("the weights that are used", () => {
  it.each([
    ["x64 with VNNI", vnni, "onnx/model_qint8_avx512_vnni.onnx"],
    ["x64 with AVX-VNNI", alderLake, "onnx/model_qint8_avx512_vnni.onnx"],
    ["x64 with AVX-512 alone, where signed integers saturate", avx512, "onnx/model_quint8_avx2.onnx"],
    ["x64 with AVX2", avx2, "onnx/model_quint8_avx2.onnx"],
    ["arm64", arm, "onnx/model_qint8_arm64.onnx"],
  ])("are those made for %s", (_, cpu, file) => {
    expect(choose(siblings, cpu)).toMatchObject({ file, reason: expect.stringContaining(cpu.kernels) });
  });

  it.each([vnni, avx512, avx2, arm, wasmCpu])("are fp32 where no file says that it is made for $kernels", (cpu) => {
    expect(choose(converted, cpu)).toMatchObject({
      file: "onnx/model.onnx",
      dtype: "fp32",
      reason: "the model's own weights: no other file says that it is made for this CPU",
    });
  });

  it.each([
    [["onnx/model_int8.onnx", "onnx/model_quantized.onnx", "onnx/model_uint8.onnx"], vnni, "onnx/model_int8.onnx"],
    [["onnx/model_int8.onnx", "onnx/model_quantized.onnx", "onnx/model_uint8.onnx"], avx2, "onnx/model_uint8.onnx"],
    [["onnx/model_q4.onnx", "onnx/model_quantized.onnx", "onnx/model_fp16.onnx"], avx2, "onnx/model_quantized.onnx"],
    [["onnx/model_q4f16.onnx", "onnx/model_q4.onnx", "onnx/model_fp16.onnx"], vnni, "onnx/model_fp16.onnx"],
    [["onnx/model_O3.onnx", "onnx/model_O2.onnx", "onnx/model_O4.onnx"], vnni, "onnx/model_O2.onnx"],
    [["model.onnx", "openvino/openvino_model.xml", "config.json"], arm, "model.onnx"],
    [["model.onnx", "onnx/model.onnx"], arm, "model.onnx"],
    [["model_optimized.onnx", "model.onnx"], arm, "model.onnx"],
    [["reranker.onnx", "pytorch_model.bin"], arm, "reranker.onnx"],
    [["onnx/model.onnx", "onnx/decoder_model.onnx", "onnx/model_merged.onnx"], arm, "onnx/model.onnx"],
    [["model.onnx", "onnx/int8/model.onnx"], arm, "model.onnx"],
  ])("of %j are %#", (files, cpu, file) => {
    expect(choose(files, cpu).file).toBe(file);
  });

  it("do not depend on the order of the files", () => {
    const files = [...siblings, ...converted, "model.onnx"];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(files, { minLength: 1 }),
        fc.constantFrom(vnni, avx512, avx2, arm),
        (some, cpu) => {
          expect(choose(some, cpu)).toEqual(choose(some.toSorted(), cpu));
        },
      ),
    );
  });

  it("include the files that hold them where they are beside the graph", () => {
    const files = [
      { file: "onnx/model.onnx", bytes: 10 },
      { file: "onnx/model.onnx_data", bytes: 100 },
      { file: "onnx/model.onnx_data_1", bytes: 1_000 },
      { file: "onnx/model_fp16.onnx", bytes: 5 },
      { file: "onnx/model_fp16.onnx_data", bytes: 7 },
      { file: "onnx/model_q4.onnx", bytes: 3 },
      { file: "onnx/model_q4.onnx.data", bytes: 4 },
    ];
    const of = (wish: WeightsWish): unknown => {
      const { externalData, bytes } = chooseWeights("org/model", files, wish, vnni);
      return [externalData, bytes];
    };
    expect(of({})).toEqual([["onnx/model.onnx_data", "onnx/model.onnx_data_1"], 1_110]);
    expect(of({ dtype: "fp16" })).toEqual([["onnx/model_fp16.onnx_data"], 12]);
    expect(of({ dtype: "q4" })).toEqual([["onnx/model_q4.onnx.data"], 7]);
  });
});

describe("dtype", () => {
  it.each([
    ["fp32", "onnx/model.onnx"],
    ["fp16", "onnx/model_fp16.onnx"],
    ["int8", "onnx/model_int8.onnx"],
    ["uint8", "onnx/model_uint8.onnx"],
    ["q4", "onnx/model_q4.onnx"],
    ["q4f16", "onnx/model_q4f16.onnx"],
    ["bnb4", "onnx/model_bnb4.onnx"],
  ] as const)("%s is %s", (dtype, file) => {
    expect(choose(converted, vnni, { dtype })).toMatchObject({ file, dtype });
  });

  it("int8 is the file for this CPU among several", () => {
    expect(choose(siblings, arm, { dtype: "int8" }).file).toBe("onnx/model_qint8_arm64.onnx");
    expect(choose(siblings, vnni, { dtype: "int8" }).file).toBe("onnx/model_qint8_avx512_vnni.onnx");
  });

  it("q8 is what loses least on this CPU", () => {
    expect(choose(converted, vnni, { dtype: "q8" }).file).toBe("onnx/model_int8.onnx");
    expect(choose(converted, avx2, { dtype: "q8" }).file).toBe("onnx/model_uint8.onnx");
    expect(choose(["onnx/model.onnx", "onnx/model_quantized.onnx"], vnni, { dtype: "q8" }).file).toBe(
      "onnx/model_quantized.onnx",
    );
  });

  it("that is not there is refused with those that are", () => {
    expect(() => choose(siblings, vnni, { dtype: "q4" })).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        param: "dtype",
        message: expect.stringMatching(
          /no ONNX file of the dtype q4; there is onnx\/model\.onnx \(fp32\), .*vnni\.onnx \(int8\)/,
        ),
      }),
    );
  });
});

describe("file", () => {
  it.each(["onnx/model_O3.onnx", "./onnx/model_O3.onnx", "model_O3.onnx"])("%s is taken", (file) => {
    expect(choose(siblings, vnni, { file })).toMatchObject({ file: "onnx/model_O3.onnx", reason: "named by file" });
  });

  it("is taken under any name", () => {
    expect(choose(["int8/my reranker.onnx", "onnx/model.onnx"], arm, { file: "int8/my reranker.onnx" }).file).toBe(
      "int8/my reranker.onnx",
    );
  });

  it.each(["model_q4.onnx", "../model.onnx", "/etc/model.onnx", "O3.onnx", "twice.onnx", ".onnx"])(
    "%j, which is none of them or several, is refused with those that are there",
    (file) => {
      expect(() => choose([...siblings, "a/twice.onnx", "b/twice.onnx"], vnni, { file })).toThrow(
        expect.objectContaining({
          code: "invalid_request",
          param: "file",
          message: expect.stringContaining("onnx/model_O3.onnx (fp32)"),
        }),
      );
    },
  );

  it.each(["pytorch_model.bin", "model.safetensors", "model.pkl"])(
    "%s is refused, because it is no ONNX file",
    (file) => {
      expect(() => choose([...siblings, file], vnni, { file })).toThrow(/is no ONNX file, and local\/ runs no other/);
    },
  );

  it("of another dtype than the one that is named is refused", () => {
    expect(() => choose(siblings, vnni, { file: "onnx/model_O4.onnx", dtype: "fp32" })).toThrow(
      expect.objectContaining({
        param: "dtype",
        message: expect.stringContaining("onnx/model_O4.onnx of org/model is fp16"),
      }),
    );
  });
});

describe("a model without a file to choose", () => {
  it("is refused with the way to make one", () => {
    expect(() => choose(["config.json", "model.safetensors"], vnni)).toThrow(
      expect.objectContaining({
        code: "model_not_found",
        param: "model",
        message: expect.stringMatching(/no ONNX file, only model\.safetensors\. .*save_pretrained.*onnx\/model\.onnx/),
      }),
    );
  });

  it("is refused with all its ONNX files where none has a usual name", () => {
    expect(() => choose(["encoder_model.onnx", "decoder_model.onnx"], vnni)).toThrow(
      expect.objectContaining({ param: "file", message: expect.stringContaining("decoder_model.onnx") }),
    );
  });
});

it("chooses a file that is there, or says why not, whatever the files are called", () => {
  const piece = fc.constantFrom(
    "onnx/",
    "model",
    "_",
    "O4",
    "qint8",
    "uint8",
    "quantized",
    "q4",
    "f16",
    "avx2",
    ".onnx",
    "_data",
    "x",
  );
  const names = fc.array(
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(names, fc.option(fc.constantFrom(...dtypes), { nil: undefined }), (files, dtype) => {
      let choice;
      try {
        choice = choose(files, avx2, { dtype });
      } catch (error) {
        expect(error).toMatchObject({ name: "DheeraError", provider: "local" });
        return;
      }
      expect(files).toContain(choice.file);
      expect(choice.file.endsWith(".onnx")).toBe(true);
      expect(files).toEqual(expect.arrayContaining([...choice.externalData]));
    }),
  );
});
