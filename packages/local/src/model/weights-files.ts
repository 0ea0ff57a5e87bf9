import type { Dtype } from "./description.ts";

/** A file of a model, on this machine or in a listing of the Hub. */
export interface ModelFile {
  /** Within the model's folder, with `/`: `onnx/model.onnx`. */
  readonly file: string;
  readonly bytes: number;
}

/** An ONNX file, and what its name says. */
export interface WeightsFile {
  readonly file: string;
  readonly dtype: Dtype;
  /** Whether its name is one that exporters give to the whole of a model: `onnx/model….onnx`, `model….onnx`. */
  readonly isUsual: boolean;
  /** The instructions that it was quantized for. */
  readonly target: "avx512_vnni" | "avx512" | "avx2" | "arm64" | undefined;
  /** Optimum's level of optimization, 0 to 4; ONNX Runtime does itself what 1 and 2 do. From 3 on results change a little. */
  readonly optimization: number;
  readonly externalData: readonly string[];
  /** External data included. */
  readonly bytes: number;
}

/** The ONNX files among the files of a model. */
export function weightsFiles(files: readonly ModelFile[]): readonly WeightsFile[] {
  return files.filter(({ file }) => file.endsWith(".onnx")).map((file) => readFile(file, files));
}

function readFile({ file, bytes }: ModelFile, all: readonly ModelFile[]): WeightsFile {
  const external = all.filter((other) => isExternalData(other.file, file));
  return {
    file,
    ...readName(file),
    externalData: external.map((other) => other.file),
    bytes: external.reduce((sum, other) => sum + other.bytes, bytes),
  };
}

/** As Optimum (`model.onnx_data`), transformers.js (`model.onnx_data_1`) and PyTorch (`model.onnx.data`) name it. */
function isExternalData(other: string, file: string): boolean {
  return other === `${file}.data` || other.startsWith(`${file}_data`);
}

function readName(file: string): Pick<WeightsFile, "dtype" | "isUsual" | "target" | "optimization"> {
  const name = (file.split("/").at(-1) ?? "").slice(0, -".onnx".length).toLowerCase();
  const dtype = dtypePatterns.find(([, pattern]) => pattern.test(name))?.[0];
  return {
    dtype: dtype ?? "fp32",
    isUsual: /^(?:onnx\/)?model(?:_[^/]*)?\.onnx$/.test(file) && (dtype !== undefined || name === "model"),
    target: targets.find((target) => name.endsWith(`_${target}`)),
    optimization: Number(/_o([1-4])(?:_|$)/.exec(name)?.[1] ?? 0),
  };
}

const targets = ["avx512_vnni", "avx512", "avx2", "arm64"] as const;

/** The first that fits counts. */
const dtypePatterns: readonly (readonly [Dtype, RegExp])[] = [
  ["q4f16", /_q4f16/],
  ["bnb4", /_bnb4/],
  ["q4", /_q4|_u?int4/],
  // Optimum's O4 is O3 in half precision.
  ["fp16", /_fp16|_float16|_o4(?:_|$)/],
  ["bf16", /_bf16|_bfloat16/],
  ["uint8", /_q?uint8/],
  ["int8", /_q?int8/],
  ["q8", /_q8|_quant/],
  ["fp32", /_fp32|_float32|_o[1-3](?:_|$)|_optimi[sz]ed/],
];
