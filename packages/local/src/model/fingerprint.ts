import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

import type { Cpu } from "./cpu.ts";
import type { ModelDescription } from "./description.ts";
import { unusable } from "./errors.ts";
import { hashFile } from "./hash-file.ts";

/** What scores depend on beside the model. */
export interface Surroundings {
  readonly runtime: "native" | "wasm";
  /** Of ONNX Runtime: `1.30.0`. */
  readonly runtimeVersion: string;
  readonly cpu: Cpu;
}

/**
 * Equal where scores are equal, on any machine, so that a cache may be shared: which model in which commit (a folder is
 * known by the content of its files, wherever it is), which weights, how texts are cut, prompted and pooled, which
 * runtime, and where integers are multiplied what the CPU does that with.
 * @throws DheeraError `model_not_found` where the files of a folder cannot be read
 */
export async function fingerprintOf(model: ModelDescription, surroundings: Surroundings): Promise<string> {
  const { weights, tokens } = model;
  const { runtime, runtimeVersion, cpu } = surroundings;
  const source = model.revision === undefined ? await contentOf(model) : nameOf(model);
  const settings = JSON.stringify({ format, source, scoring: scoringOf(model) });
  const hash = createHash("sha256").update(settings).digest("hex").slice(0, 32);
  // Products of floats differ by rounding alone.
  const kernels = weights.integers ? ` ${runtime === "wasm" ? "wasm" : (cpu.guessedFor ?? cpu.kernels)}` : "";
  return `local ${hash} ${weights.dtype} ${tokens} tokens, onnxruntime ${runtime} ${runtimeVersion}${kernels}`;
}

/** Raised where the same settings begin to give other scores. */
const format = 1;

function nameOf({ name, revision, weights }: ModelDescription): readonly unknown[] {
  return ["hub", name.split("@")[0], revision, weights.file];
}

async function contentOf({ name, folder, weights, tokenizer }: ModelDescription): Promise<readonly unknown[]> {
  const files = [weights.path, ...weights.externalData.map((file) => join(folder, file)), tokenizer];
  try {
    return ["content", ...(await Promise.all(files.map(hashFile)))];
  } catch (error) {
    throw unusable("model_not_found", "model", `local/${name} cannot be read from ${dirname(tokenizer)}`, error);
  }
}

function scoringOf(model: ModelDescription): readonly unknown[] {
  return model.kind === "cross-encoder"
    ? [model.kind, model.tokens, model.labels, model.positive]
    : [model.kind, model.tokens, model.pooling, model.prompts.query, model.prompts.document];
}
