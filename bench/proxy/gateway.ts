import { mkdtemp, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Listening, freePort, start } from "./processes.ts";
import type { Shape } from "./shapes.ts";

export const masterKey = "sk-bench";

export type Runtime = "node" | "bun";

/** The full product, built, one worker, key and metrics on: one model name for each shape. */
export async function startGateway(runtime: Runtime, upstream: string, shapes: readonly Shape[], cache: boolean): Promise<Listening> {
  const port = await freePort();
  const config = {
    model_list: shapes.map(({ documents }) => ({
      model_name: modelName({ documents }),
      dheera_ai_params: { model: "huggingface/bench/reranker", api_base: `${upstream}/${documents}`, api_key: "key" },
    })),
    general_settings: { master_key: masterKey },
    dheera_ai_settings: cache ? { cache: true, cache_params: { type: "local", max_size_mb: 64 } } : {},
  };
  // JSON is YAML.
  const path = join(await mkdtemp(join(tmpdir(), "bench-gateway-")), "config.yaml");
  await writeFile(path, JSON.stringify(config));
  const [command, entry] = programs[runtime]();
  return start(command, [entry, "--config", path, "--host", "127.0.0.1", "--port", String(port)], port, { LOG_LEVEL: "error" });
}

export function modelName({ documents }: Pick<Shape, "documents">): string {
  return `rerank-${documents}`;
}

const root = join(import.meta.dirname, "../..");

const programs: Readonly<Record<Runtime, () => readonly [string, string]>> = {
  node: () => [process.execPath, join(root, "apps/cli/bin/dheera_ai.js")],
  bun: () => [bunBinary(), join(root, "apps/cli/bin/dheera_ai.js")],
};

/** The package `bun` fetches its binary in an install script; the package it comes from holds it already. */
function bunBinary(): string {
  const requireFromBun = createRequire(createRequire(import.meta.url).resolve("bun/package.json"));
  return requireFromBun.resolve(`@oven/bun-${process.platform}-${process.arch}/bin/bun`);
}
