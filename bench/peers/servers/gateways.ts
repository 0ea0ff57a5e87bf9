import { type Dialect, bodyOf, modelName } from "../dialects.ts";
import { type Runtime, commandOf, masterKey } from "../../proxy/servers/gateway.ts";
import { freePort } from "../../proxy/processes.ts";
import { packages } from "../install.ts";
import type { Peer } from "./peer.ts";
import type { Shape } from "../../proxy/load/shapes.ts";
import { optionsOf, startPeer } from "./start-peer.ts";
import type { Target } from "../../proxy/load/measured.ts";

/** This project's proxy, built, with its metrics on and its cache off, as it is by default. */
export function dheera(runtime: Runtime, version: string, workers: number): Peer {
  return {
    name: `Dheera AI on ${runtime === "node" ? "Node.js" : "Bun"}`,
    version,
    workers,
    dialect: "cohere",
    start: (upstream, shape) =>
      startPeer("cohere", shape, configurationOf("dheera_ai_params", upstream), (port, file) => ({
        command: commandOf(runtime, ...listeningOn(port, file), ...several(workers)),
        environment: { LOG_LEVEL: "error" },
        target: targetOf("cohere", shape, `http://127.0.0.1:${port}/rerank`, masterKey),
      })),
  };
}

/** LiteLLM's proxy as its documentation advises for production: no debug output; the list of prices that is in the package. */
export function litellm(program: string, workers: number): Peer {
  return {
    name: packages.litellm.name,
    version: packages.litellm.version,
    workers,
    dialect: "cohere",
    start: (upstream, shape) =>
      startPeer("cohere", shape, configurationOf("litellm_params", upstream), (port, file) => ({
        command: [
          program,
          ...listeningOn(port, file),
          ...optionsOf({ telemetry: "False" }),
          ...several(workers),
          // By default a worker that has not started after five seconds is ended and started again, for ever on a busy machine.
          ...(workers > 1 ? ["--timeout_worker_healthcheck", "120"] : []),
        ],
        environment: { LITELLM_MODE: "PRODUCTION", LITELLM_LOG: "ERROR", LITELLM_LOCAL_MODEL_COST_MAP: "True" },
        target: targetOf("cohere", shape, `http://127.0.0.1:${port}/rerank`, masterKey),
      })),
  };
}

/** The routers that hand requests to servers of SGLang's dialect: Rust, whose threads are those of its runtime. */
export function router(chosen: "vllmRouter" | "smg", program: string, threads: number): Peer {
  const { name, version } = packages[chosen];
  return {
    name,
    version,
    workers: threads,
    dialect: "sglang",
    start: async (upstream, shape) => {
      const portOfMetrics = await freePort();
      return startPeer("sglang", shape, "", (port) => ({
        command: [
          program,
          ...(chosen === "smg" ? ["launch"] : []),
          ...optionsOf({
            "worker-urls": upstream,
            host: "127.0.0.1",
            port,
            "prometheus-port": portOfMetrics,
            policy: "round_robin",
            "log-level": "error",
          }),
        ],
        environment: { TOKIO_WORKER_THREADS: String(threads) },
        target: targetOf("sglang", shape, `http://127.0.0.1:${port}/rerank`),
      }));
    },
  };
}

/** Portkey's gateway has no route for reranking: what it does not know it passes on, to the host that a header names. */
export function portkey(program: string): Peer {
  return {
    name: packages.portkey.name,
    version: packages.portkey.version,
    workers: 1,
    dialect: "passed on",
    start: (upstream, shape) =>
      startPeer("passed on", shape, "", (port) => ({
        command: [process.execPath, program, `--port=${port}`, "--headless"],
        environment: { NODE_ENV: "production" },
        target: {
          ...targetOf("passed on", shape, `http://127.0.0.1:${port}/v1/rerank`, "key"),
          headers: { "x-portkey-provider": "openai", "x-portkey-custom-host": `${upstream}/v1` },
        },
      })),
  };
}

/** The same file for both, but for the name of the parameters. JSON is YAML. */
function configurationOf(parameters: "dheera_ai_params" | "litellm_params", upstream: string): string {
  const [model, key] = ["huggingface/bench/reranker", "key"];
  return JSON.stringify({
    model_list: [{ model_name: modelName, [parameters]: { model, api_base: upstream, api_key: key } }],
    general_settings: { master_key: masterKey },
  });
}

function listeningOn(port: number, file: string): readonly string[] {
  return optionsOf({ config: file, host: "127.0.0.1", port });
}

function several(workers: number): readonly string[] {
  return optionsOf({ num_workers: workers });
}

/** Each request has another query, so that nobody answers from memory. */
function targetOf(dialect: Dialect, shape: Shape, url: string, key?: string): Target {
  return { url, body: bodyOf(dialect, shape), unique: true, ...(key === undefined ? {} : { key }) };
}
