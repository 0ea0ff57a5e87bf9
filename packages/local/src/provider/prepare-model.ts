import { childEnvironment } from "@dheera-ai/core/provider-utils";

import { type Cpu, readCpu, wasmCpu } from "../model/cpu.ts";
import { describeModel } from "../model/describe-model.ts";
import type { ModelDescription } from "../model/description.ts";
import { findModel, type Places } from "../model/find-model.ts";
import { fingerprintOf } from "../model/fingerprint.ts";
import { childProgram } from "../process/child-program.ts";
import { Children } from "../process/children.ts";
import { checkWeights } from "../process/failures.ts";
import { findPeers, peerFolders, type Peers } from "../process/peers.ts";
import { defaultThreads } from "../process/threads.ts";
import { fileStamps } from "./file-stamps.ts";
import type { Parameters } from "./parameters.ts";

/** What a deployment turns out to be, by the files on this machine. */
export interface PreparedModel {
  readonly description: ModelDescription;
  readonly peers: Peers;
  readonly fingerprint: string;
  /** Of the files, see `fileStamps`. */
  readonly stamps: string;
}

/** Whether a child that starts now would load the files that the fingerprint was made from. */
export async function isUnchanged({ description, stamps }: PreparedModel): Promise<boolean> {
  return stamps !== "" && stamps === (await fileStamps(description));
}

/**
 * Finds the model and the modules that run it. Starts nothing.
 * @throws DheeraError that says what is missing, and how to get it
 */
export async function prepareModel(name: string, parameters: Parameters, places: Places): Promise<PreparedModel> {
  const { peers, description, cpu } = await examineModel(name, parameters, places);
  // Before they are read: what is changed meanwhile must be noticed afterwards.
  const stamps = await fileStamps(description);
  const fingerprint = await fingerprintOf(description, {
    runtime: peers.runtime,
    runtimeVersion: peers.version,
    cpu,
  });
  return { peers, description, fingerprint, stamps };
}

/**
 * The same but for the fingerprint, for which weights may have to be read to their end.
 * @throws DheeraError, as `prepareModel` does
 */
export async function examineModel(
  name: string,
  parameters: Parameters,
  { environment, directory }: Places,
): Promise<Examined> {
  const found = await findModel(name, { environment, directory });
  const peers = findPeers(parameters.runtime, peerFolders(directory));
  const cpu = peers.runtime === "wasm" ? wasmCpu : await readCpu();
  const description = await describeModel(
    found,
    {
      dtype: parameters.dtype,
      file: parameters.file,
      maxLength: parameters.max_length,
      pooling: parameters.pooling,
      queryPrompt: parameters.query_prompt,
      documentPrompt: parameters.document_prompt,
      positiveLabel: parameters.positive_label,
    },
    cpu,
  );
  checkWeights(description, memoryLimit(parameters));
  return { peers, description, cpu };
}

export interface Examined extends Pick<PreparedModel, "peers" | "description"> {
  readonly cpu: Cpu;
}

/** Bytes. */
function memoryLimit({ memory_limit_mb }: Parameters): number | undefined {
  return memory_limit_mb === undefined ? undefined : memory_limit_mb * 1_000_000;
}

/** Children for this model, not started yet. */
export function createChildren(model: PreparedModel, parameters: Parameters, { environment }: Places): Children {
  const { description, peers } = model;
  const { instances, idle_timeout } = parameters;
  return new Children({
    program: childProgram(),
    environment: childEnvironment(environment),
    load: {
      type: "load",
      model: description,
      threads: parameters.threads ?? defaultThreads(instances),
      vectorCacheBytes: parameters.vector_cache_mb * 1_000_000,
      runtime: peers.runtime,
      modules: peers.modules,
    },
    isWarm: parameters.warm,
    isCurrent: () => isUnchanged(model),
    instances,
    idleMs: idle_timeout === "never" ? Infinity : idle_timeout * 1000,
    memoryLimit: memoryLimit(parameters),
    patienceMs: hungAfterMs,
    loadPatienceMs,
  });
}

/** Nothing is computed for so long between two words of a child: one document, of the longest that a large model reads. */
const hungAfterMs = 60_000;
/** Weights of some gigabytes from a slow disk take a minute. */
const loadPatienceMs = 300_000;
