import type { ColdStart } from "./engine/cold-start.ts";
import type { Script } from "./faults/faults.ts";
import { firstRevision } from "./oracle.ts";

/** What a text does to the model: 424 "score is NaN", or 422 of the tokenizer. */
type Illness = "nan" | "tokenizer";

/** How the simulated Text Embeddings Inference server is started; names and defaults follow its command line. */
export interface SimulatorOptions {
  /** 0 (default): any free port. */
  readonly port?: number;
  readonly modelType?: "reranker" | "classifier" | "embedding";
  readonly modelId?: string;
  /** Its revision, which decides its scores. */
  readonly modelSha?: string;
  /** Served from a folder: `/info` does not know the revision. */
  readonly fromFolder?: boolean;
  /** Decides the status of `Validation` errors: 422 from 1.9.0, 413 before. */
  readonly version?: string;
  readonly apiKey?: string;
  /** Permits: texts the server works on or queues at one time. */
  readonly maxConcurrentRequests?: number;
  readonly maxInputLength?: number;
  readonly maxBatchTokens?: number;
  readonly maxClientBatchSize?: number;
  /** Bytes of a request body. */
  readonly payloadLimit?: number;
  readonly autoTruncate?: boolean;
  /** Service time of one token of a batch, padding included. 0 (default): everything is instant. */
  readonly microsecondsPerToken?: number;
  /** Service time of a batch beside its tokens. */
  readonly millisecondsPerBatch?: number;
  /** Whether each text of a batch takes as long as the longest of them; default false. */
  readonly pads?: boolean;
  readonly coldStart?: ColdStart;
  /** What goes wrong, and when. */
  readonly script?: Script;
  /** Texts that the model cannot take. */
  readonly illness?: (text: string) => Illness | undefined;
}

export type Settings = Required<Omit<SimulatorOptions, "apiKey" | "coldStart" | "script" | "port">> &
  Pick<SimulatorOptions, "apiKey">;

export function completeOptions(options: SimulatorOptions): Settings {
  return {
    modelType: "reranker",
    modelId: "BAAI/bge-reranker-base",
    modelSha: firstRevision,
    fromFolder: false,
    version: "1.9.3",
    maxConcurrentRequests: 512,
    maxInputLength: 512,
    maxBatchTokens: 16_384,
    maxClientBatchSize: 32,
    payloadLimit: 2_000_000,
    autoTruncate: true,
    microsecondsPerToken: 0,
    millisecondsPerBatch: 0,
    pads: false,
    illness: () => undefined,
    ...options,
  };
}
