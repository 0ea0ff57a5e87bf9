import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { pythonWith } from "../../python/python-tools.ts";
import { root } from "../../release/packages.ts";

const run = promisify(execFile);

/** What Python ranks with, and a model of random weights, each made where there is none yet. */
export interface Models {
  /** The path of a Python that has `onnxruntime` and `tokenizers`. */
  readonly python: string;
  /** The model's folders: fp32, and signed 8 bits per channel. */
  readonly folders: Readonly<Record<Weights, string>>;
  /** Words that are one token each. */
  readonly words: readonly string[];
}

export const kindsOfWeights = ["int8", "fp32"] as const;
export type Weights = (typeof kindsOfWeights)[number];

/** Within a model's folder. */
export const weightsFiles: Readonly<Record<Weights, string>> = {
  int8: "onnx/model_int8.onnx",
  fp32: "onnx/model.onnx",
};

export async function prepareModels(): Promise<Models> {
  const python = await pythonWith("numpy==2.4.6", "onnx==1.23.2", "onnxruntime==1.32.0", "tokenizers==0.23.3");
  const script = join(import.meta.dirname, "make-model.py");
  const version = createHash("sha256")
    .update(await readFile(script))
    .digest("hex")
    .slice(0, 12);
  const folder = join(root, "node_modules/.cache/bench-local", version);
  const words = (): Promise<string> => readFile(join(folder, "words.json"), "utf8");
  if (!(await words().catch(() => undefined))) {
    const unfinished = `${folder}-unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await run(python, [script, unfinished]);
    await rename(unfinished, folder);
  }
  return {
    python,
    folders: { int8: join(folder, "int8"), fp32: join(folder, "fp32") },
    words: JSON.parse(await words()),
  };
}

/** Tokens of a pair without its words: `[CLS] query [SEP] document [SEP]`. */
const specialTokens = 3;
const queryTokens = 8;

/** A request whose pairs have exactly so many tokens; another number gives other words. */
export function requestOf({ words }: Models, tokens: number, documents: number, number: number): Request {
  const text = (position: number, length: number): string =>
    Array.from({ length }, (_, word) => words[(position * 37 + word * 11) % words.length]).join(" ");
  return {
    query: text(number, queryTokens),
    documents: Array.from({ length: documents }, (_, position) =>
      text(1 + number * documents + position, tokens - queryTokens - specialTokens),
    ),
  };
}

export interface Request {
  readonly query: string;
  readonly documents: string[];
}
