import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type PlanOptions, type PullPlan, planPull } from "../plan-pull.ts";
import { type PullOptions, pull } from "../pull.ts";
import type { Patience } from "../remote/retry.ts";
import { type HubStandIn, startHub } from "./hub-stand-in.ts";
import type { StandInModel } from "./repository.ts";

/** Does not wait between attempts. */
export const impatient: Patience = { stallMs: 60_000, leastBytes: 1, tries: 4, waitMs: () => 0 };

/** A Hub with one model, and a cache of its own that is still empty. */
export interface HubTest extends AsyncDisposable {
  readonly hub: HubStandIn;
  readonly environment: Readonly<Record<string, string>>;
  readonly cache: string;
  plan(text?: string, options?: Partial<PlanOptions>): Promise<PullPlan>;
  /** Plans and pulls. */
  pull(text?: string, options?: Partial<PlanOptions & PullOptions>): Promise<PullPlan>;
}

export async function openHubTest(
  models: Readonly<Record<string, StandInModel>> = { "org/model": crossEncoder() },
): Promise<HubTest> {
  const hub = await startHub(models);
  const folder = await mkdtemp(join(tmpdir(), "dheera-hub-"));
  const cache = join(folder, "cache/hub");
  const environment = { HF_ENDPOINT: hub.url, HF_HUB_CACHE: cache, HOME: folder };
  const plan = (text = "org/model", options: Partial<PlanOptions> = {}): Promise<PullPlan> =>
    planPull(text, { environment, patience: impatient, ...options });
  return {
    hub,
    environment,
    cache,
    plan,
    async pull(text, options) {
      const planned = await plan(text, options);
      await pull(planned, { environment, patience: impatient, ...options });
      return planned;
    },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A repository as makers of rerankers lay it out. Its weights are no real ones: nothing here computes with them. */
export function crossEncoder({ seed = 1, bytes = 300_000, ...more }: Partial<Made> = {}): StandInModel {
  return {
    files: {
      "config.json": JSON.stringify({
        architectures: ["BertForSequenceClassification"],
        model_type: "bert",
        id2label: { 0: "LABEL_0" },
        max_position_embeddings: 512,
      }),
      "tokenizer.json": Buffer.from(JSON.stringify({ version: "1.0", padding: " ".repeat(5_000) })),
      "tokenizer_config.json": JSON.stringify({ model_max_length: 512 }),
      "special_tokens_map.json": "{}",
      "README.md": "# A model",
      "pytorch_model.bin": Buffer.from("a pickle"),
      "model.safetensors": Buffer.from("weights of another format"),
      "onnx/model.onnx": noise(seed, bytes),
      "onnx/model_fp16.onnx": noise(seed + 1, 1_000),
      ...more.files,
    },
    card: { license: "apache-2.0" },
    architectures: ["BertForSequenceClassification"],
    ...(({ files: _files, ...others }) => others)(more),
  };
}

interface Made extends StandInModel {
  readonly seed: number;
  /** Of the weights that are used. */
  readonly bytes: number;
}

/** Bytes that are the same each time and are no run of one byte. */
export function noise(seed: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < bytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer[at] = state >>> 24;
  }
  return buffer;
}
