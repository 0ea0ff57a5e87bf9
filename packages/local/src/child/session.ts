import { basename, join } from "node:path";

import type * as OnnxRuntime from "onnxruntime-node";

import type { LoadMessage } from "../process/protocol.ts";
import { firstLine, loadModule } from "./load-module.ts";
import { Refusal } from "./refusal.ts";
import { createFeed, numbersOf } from "./tensors.ts";
import type { TokenizedText } from "./tokens/special-tokens.ts";

/** A network in the memory of this process. It runs one text at a time. */
export interface Session {
  /** The names of what it gives. */
  readonly outputs: readonly string[];
  /** Gives one output for a text. @throws Refusal */
  run(output: string, input: TokenizedText): Promise<Output>;
}

export interface Output {
  readonly values: ArrayLike<number>;
  /** Of the batch of one text, which comes first. */
  readonly shape: readonly number[];
}

type Opened = Pick<LoadMessage, "model" | "runtime" | "threads" | "modules">;

/** @throws Error whose message is a sentence for the operator */
export async function openSession({ model, runtime, threads, modules }: Opened): Promise<Session> {
  const ort = await loadModule(modules.onnxRuntime, isOnnxRuntime);
  if (runtime === "wasm") ort.env.wasm.numThreads = threads;
  const { weights, name, tokens } = model;
  const session = await ort.InferenceSession.create(weights.path, {
    ...(runtime === "wasm"
      ? { executionProviders: ["wasm"], externalData: externalDataOf(model) }
      : { executionProviders: ["cpu"], intraOpNumThreads: threads, interOpNumThreads: 1 }),
    executionMode: "sequential",
    logSeverityLevel: 3,
    // Threads that spin while they wait take from the process that ranks what they give to this one.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  }).catch((error: unknown) => {
    throw new Error(`ONNX Runtime cannot load ${weights.file} of local/${name}: ${firstLine(error)}`, { cause: error });
  });
  const feed = createFeed(ort, session, `${weights.file} of local/${name}`, tokens);
  return {
    outputs: session.outputNames,
    run: async (output, input) => {
      const results = await session.run(feed(input), [output]).catch((error: unknown) => {
        throw new Refusal("failed", `ONNX Runtime failed on local/${name}: ${firstLine(error)}`, { cause: error });
      });
      const result = results[output];
      if (result === undefined) throw new Refusal("failed", `local/${name} gave no ${output}`);
      return { values: numbersOf(result), shape: result.dims };
    },
  };
}

/** Of large models. The native runtime finds them beside the file. */
function externalDataOf({ folder, weights }: LoadMessage["model"]): readonly { path: string; data: string }[] {
  return weights.externalData.map((file) => ({ path: basename(file), data: join(folder, file) }));
}

function isOnnxRuntime(module: unknown): module is typeof OnnxRuntime {
  return typeof module === "object" && module !== null && "InferenceSession" in module && "Tensor" in module;
}
