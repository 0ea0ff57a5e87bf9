import { plainText } from "@dheera-ai/core/provider-utils";

import type { Cpu } from "./cpu.ts";
import type { Dtype } from "./description.ts";
import { unusable } from "./errors.ts";
import { type ModelFile, type WeightsFile, weightsFiles } from "./weights-files.ts";

export interface WeightsWish {
  readonly dtype?: Dtype | undefined;
  /** A path within the model's folder, or its last part where that is one file's alone. */
  readonly file?: string | undefined;
}

export interface WeightsChoice {
  readonly file: string;
  readonly dtype: Dtype;
  /** Files beside it that hold the weights of a large model: `onnx/model.onnx_data`. */
  readonly externalData: readonly string[];
  /** Of all of these. */
  readonly bytes: number;
  /** Why this one, for people: `made for the instructions of this CPU`. */
  readonly reason: string;
}

/**
 * The weights to use. Without a wish: those that were quantized for the very instructions of this CPU, else fp32, because
 * a file that says only "int8" or "quantized" may be slower than fp32 (where only the weights are small) or clearly worse
 * (where it was quantized without care, or where this CPU's 8-bit products saturate), and nobody would notice; else the
 * best that is there.
 * @param model Its name, for messages.
 * @throws DheeraError `model_not_found` where there is no ONNX file, `invalid_request` where the wished one is not there
 */
export function chooseWeights(model: string, files: readonly ModelFile[], wish: WeightsWish, cpu: Cpu): WeightsChoice {
  const all = weightsFiles(files);
  if (all.length === 0) throw noOnnxFile(model, files);
  if (wish.file !== undefined) return chosen(findFile(model, all, wish.file, wish.dtype), "named by file");
  const usual = all.filter(({ isUsual }) => isUsual);
  const candidates = usual.length > 0 ? usual : all;
  if (wish.dtype !== undefined) {
    const best = bestOf(
      candidates.filter(({ dtype }) => fits(dtype, wish.dtype)),
      cpu,
    );
    if (!best) throw notThere("dtype", `${model} has no ONNX file of the dtype ${wish.dtype}`, candidates);
    return chosen(best, "the best of this dtype");
  }
  if (usual.length === 0 && all.length > 1)
    throw notThere("file", `${model} has several ONNX files and none is called model.onnx`, all);
  const best = bestOf(candidates, cpu);
  if (!best) throw noOnnxFile(model, files);
  return chosen(best, reasonFor(best, candidates.length, cpu));
}

function chosen({ file, dtype, externalData, bytes }: WeightsFile, reason: string): WeightsChoice {
  return { file, dtype, externalData, bytes, reason };
}

function bestOf(candidates: readonly WeightsFile[], cpu: Cpu): WeightsFile | undefined {
  // Ties, such as model.onnx in onnx/ and beside it, go by name.
  return candidates.toSorted((one, other) => rank(one, cpu) - rank(other, cpu) || (one.file > other.file ? 1 : -1))[0];
}

/** Less is better. */
function rank(file: WeightsFile, cpu: Cpu): number {
  const { dtype, optimization } = file;
  const forThisCpu = targets[cpu.kernels].indexOf(file.target ?? "none");
  if (forThisCpu !== -1) return forThisCpu;
  if (dtype === "fp32") return 10 + optimization;
  const eightBits = (saturates(cpu) ? ["uint8", "q8", "int8"] : ["int8", "q8", "uint8"]).indexOf(dtype);
  if (eightBits !== -1) return 20 + eightBits;
  return 30 + ["fp16", "bf16", "q4", "bnb4", "q4f16"].indexOf(dtype);
}

/** Whether sums of two products of unsigned and signed 8 bits lose what is beyond 16 bits. */
function saturates({ kernels }: Cpu): boolean {
  return kernels === "avx512" || kernels === "avx2" || kernels === "sse";
}

/** The instructions that files are named after, best first, which each CPU computes exactly and fast. */
const targets: Readonly<Record<Cpu["kernels"], readonly string[]>> = {
  avx512_vnni: ["avx512_vnni", "avx512"],
  avx_vnni: ["avx512_vnni", "avx512"],
  // A file "for avx512" has signed weights, which saturate there without VNNI.
  avx512: ["avx2"],
  avx2: ["avx2"],
  sse: [],
  neon_i8mm: ["arm64"],
  neon_dot: ["arm64"],
  neon: ["arm64"],
  wasm: ["arm64", "avx512_vnni", "avx512"],
};

function reasonFor(best: WeightsFile, candidates: number, cpu: Cpu): string {
  if (candidates === 1) return "the only ONNX file";
  if (targets[cpu.kernels].includes(best.target ?? "none"))
    return `made for the instructions of this CPU (${cpu.kernels})`;
  if (best.dtype === "fp32") return "the model's own weights: no other file says that it is made for this CPU";
  return "the best of those that are there";
}

/** `q8` means any 8 bits. */
function fits(dtype: Dtype, wish: Dtype | undefined): boolean {
  return dtype === wish || (wish === "q8" && (dtype === "int8" || dtype === "uint8"));
}

function findFile(model: string, all: readonly WeightsFile[], wish: string, dtype: Dtype | undefined): WeightsFile {
  if (!wish.endsWith(".onnx"))
    throw notThere("file", `file: ${JSON.stringify(wish)} is no ONNX file, and local/ runs no other`, all);
  const named = all.filter(({ file }) => file === wish.replace(/^\.\//, ""));
  const found = named.length > 0 ? named : all.filter(({ file }) => file.endsWith(`/${wish}`));
  const [only] = found;
  if (!only || found.length > 1) throw notThere("file", `${model} has no ONNX file ${JSON.stringify(wish)}`, all);
  if (dtype !== undefined && !fits(only.dtype, dtype))
    throw unusable(
      "invalid_request",
      "dtype",
      `${only.file} of ${model} is ${only.dtype}, not ${dtype}; leave out file or dtype`,
    );
  return only;
}

function notThere(param: "dtype" | "file", problem: string, there: readonly WeightsFile[]): Error {
  // The model's author chose these names, and a terminal may show them.
  const listed = there.slice(0, 12).map(({ file, dtype }) => `${plainText(file, 200)} (${dtype})`);
  if (there.length > listed.length) listed.push(`${there.length - listed.length} more`);
  return unusable("invalid_request", param, `${problem}; there is ${listed.join(", ")}`);
}

function noOnnxFile(model: string, files: readonly ModelFile[]): Error {
  const others = files.find(({ file }) => /\.(?:safetensors|bin|pt|pth|pkl|gguf|h5|msgpack)$/.test(file));
  const instead = others === undefined ? "" : `, only ${plainText(others.file, 200)}`;
  return unusable(
    "model_not_found",
    "model",
    `${model} has no ONNX file${instead}. Use a model that has one (in its folder onnx/), or make it with Python: ` +
      `pip install "sentence-transformers[onnx]", then from sentence_transformers import CrossEncoder; ` +
      `CrossEncoder("${model}", backend="onnx").save_pretrained("folder") (SentenceTransformer for an embedding model) writes folder/onnx/model.onnx, which is local/./folder`,
  );
}
