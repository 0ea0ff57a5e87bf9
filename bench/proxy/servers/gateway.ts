import { join } from "node:path";

import { bunBinary } from "../../../test/support/bun-binary.ts";
import { createFolder } from "../../../test/support/temporary-folder.ts";
import { type Listening, type StartOptions, freePort, start } from "../processes.ts";
import type { Shape } from "../load/shapes.ts";

export const masterKey = "sk-bench-of-this-machine";

export type Runtime = "node" | "bun";

/**
 * The full product, built, one worker, key and metrics on: one model name for each shape. It has read its configuration
 * when it runs.
 */
export async function startGateway(
  runtime: Runtime,
  upstream: string,
  shapes: readonly Shape[],
  { cache = false, ...options }: GatewayOptions = {},
): Promise<Listening> {
  const settings = cache ? { cache: true, cache_params: { type: "local", max_size_mb: 64 } } : {};
  return startWith(runtime, { ...configOf(upstream, shapes), dheera_ai_settings: settings }, options);
}

/**
 * A model name and a key, no cache.
 * @param deployments what each deployment of a model has in its `dheera_ai_params` beside its address
 */
export function configOf(
  upstream: string,
  shapes: readonly Shape[],
  deployments: readonly Readonly<Record<string, unknown>>[] = [{}],
): object {
  const model = "huggingface/bench/reranker";
  return {
    model_list: shapes.flatMap(({ documents }) =>
      deployments.map((params) => ({
        model_name: modelName({ documents }),
        dheera_ai_params: { model, api_base: `${upstream}/${documents}`, api_key: "key", ...params },
      })),
    ),
    general_settings: { master_key: masterKey },
  };
}

interface GatewayOptions extends StartOptions {
  readonly cache?: boolean;
}

interface ConfiguredOptions extends StartOptions {
  /** Processes that share the port; default 1. */
  readonly workers?: number;
}

/** The full product, built, with this configuration. */
export async function startWith(runtime: Runtime, config: object, options: ConfiguredOptions = {}): Promise<Listening> {
  await using stack = new AsyncDisposableStack();
  // JSON is YAML. The file stays as long as the proxy runs, which watches it.
  const folder = stack.use(await createFolder({ "config.yaml": JSON.stringify(config) }));
  const { pid, url } = stack.use(await startOnFile(runtime, `${folder.path}/config.yaml`, options));
  const all = stack.move();
  return { pid, url, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** The full product, built, with the configuration of this file. */
export async function startOnFile(runtime: Runtime, file: string, options: ConfiguredOptions = {}): Promise<Listening> {
  const port = await freePort();
  const address = ["--host", "127.0.0.1", "--port", String(port), "--num_workers", String(options.workers ?? 1)];
  const [command, ...args] = commandOf(runtime, "--config", file, ...address);
  const environment = { LOG_LEVEL: "error", ...options.environment };
  return start(command, args, port, { ...options, environment });
}

/** `dheera_ai` with these arguments. */
export function commandOf(runtime: Runtime, ...args: readonly string[]): readonly [string, ...string[]] {
  return [runtimes[runtime](), join(import.meta.dirname, "../../../apps/cli/bin/dheera_ai.js"), ...args];
}

export function modelName({ documents }: Pick<Shape, "documents">): string {
  return `rerank-${documents}`;
}

export const runtimes: Readonly<Record<Runtime, () => string>> = { node: () => process.execPath, bun: bunBinary };
