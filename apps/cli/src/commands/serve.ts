import { once } from "node:events";

import type { RunningServer, ServerOptions } from "@dheera-ai/proxy";
import * as v from "valibot";

import { address, flag, port, seconds, text, wholeNumber } from "../command-line/values.ts";
import type { Command } from "../command-line/command.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { withoutLitellmFlags } from "../command-line/litellm-flags.ts";
import { connectConfiguration, readConfiguration, requireFile, withProxy } from "../configuration.ts";
import { drawStart } from "../drawing/start-lines.ts";
import type { Terminal } from "../terminal.ts";
import { Failure, UsageError } from "../errors.ts";
import { operatorLog } from "../worker/operator-log.ts";

interface ServeOptions {
  readonly config?: string;
  readonly model?: string;
  readonly alias?: string;
  readonly api_base?: string;
  readonly host: string;
  readonly port: number;
  readonly num_workers: number;
  readonly prometheus_metrics_port?: number;
  readonly request_timeout?: number;
  readonly keepalive_timeout?: number;
  readonly limit_concurrency?: number;
  readonly ssl_certfile_path?: string;
  readonly ssl_keyfile_path?: string;
  readonly debug: boolean;
  readonly detailed_debug: boolean;
  readonly reload: boolean;
  readonly shutdown_timeout?: number;
  readonly strict: boolean;
  readonly validate_config: boolean;
  readonly version: boolean;
}

const command = defineCommand<ServeOptions>({
  summary: "Dheera AI: one rerank API over every reranker",
  usage: [
    "--config config.yaml [--host 0.0.0.0] [--port 4000]",
    "--model huggingface/BAAI/bge-reranker-base [--api_base URL]",
    "<command> …",
  ],
  options: {
    config: { short: "c", value: "FILE", help: "start the proxy with this configuration" },
    model: { short: "m", value: "MODEL", help: "start it with this one model instead: <provider>/<model>" },
    alias: { value: "NAME", help: "with --model: the name callers use" },
    api_base: { value: "URL", help: "with --model: the server to call" },
    host: { value: "ADDRESS", help: "listen on this address (0.0.0.0)" },
    port: { value: "PORT", help: "listen on this port; 0 takes a free one (4000)" },
    num_workers: { value: "N", help: "processes that share the port (1)" },
    prometheus_metrics_port: { value: "PORT", help: "serve /metrics on a port of its own" },
    request_timeout: {
      value: "SECONDS",
      help: "seconds for a request that names no timeout; wins over the configuration",
    },
    keepalive_timeout: { value: "SECONDS", help: "close a connection that was idle this long (75)" },
    limit_concurrency: { value: "N", help: "requests at one time in each process; others get 503" },
    ssl_certfile_path: { value: "FILE", help: "answer to HTTPS with this certificate, as PEM" },
    ssl_keyfile_path: { value: "FILE", help: "its private key, as PEM" },
    debug: { help: "log everything, as LOG_LEVEL=debug does" },
    detailed_debug: { help: "as --debug" },
    reload: { help: "apply changes of the configuration file while running (--no-reload: do not)" },
    shutdown_timeout: { value: "SECONDS", help: "when stopping, wait this long for requests in flight" },
    strict: { help: "refuse a configuration with keys that are not known, also under LiteLLM's names" },
    validate_config: { help: "check the configuration and exit; 1 where it serves nothing" },
    version: { short: "v", help: "print the version" },
  },
  schema: v.object({
    config: v.optional(text),
    model: v.optional(text),
    alias: v.optional(text),
    api_base: v.optional(address),
    host: v.optional(text, "0.0.0.0"),
    port: v.optional(port, "4000"),
    num_workers: v.optional(wholeNumber(1, 256), "1"),
    prometheus_metrics_port: v.optional(port),
    request_timeout: v.optional(seconds),
    keepalive_timeout: v.optional(seconds),
    limit_concurrency: v.optional(wholeNumber(1)),
    ssl_certfile_path: v.optional(text),
    ssl_keyfile_path: v.optional(text),
    debug: v.optional(flag, false),
    detailed_debug: v.optional(flag, false),
    reload: v.optional(flag, true),
    shutdown_timeout: v.optional(seconds),
    strict: v.optional(flag, false),
    validate_config: v.optional(flag, false),
    version: v.optional(flag, false),
  }),
  examples: ["dheera_ai init && dheera_ai --config config.yaml", "dheera_ai --model bm25/default --host 127.0.0.1"],
  async run({ options }, terminal) {
    if (options.version) return printVersion(terminal);
    if (options.validate_config) return validate(options, terminal);
    const server = await start(options, terminal);
    terminal.output.print(`RUNNING on ${server.url}`);
    if (terminal.output.interactive) terminal.output.print(await describeStart(server.url, options, terminal));
    if (!terminal.stop.aborted) await once(terminal.stop, "abort");
    await server.close();
    return 0;
  },
});

/**
 * What `dheera_ai` does without a command's name. Options of LiteLLM's command that have no effect here are taken with a
 * warning, so that its command lines start this proxy.
 */
export const serve: Command = {
  ...command,
  run(args, terminal) {
    const { kept, ignored } = withoutLitellmFlags(args);
    for (const option of ignored) terminal.printError(`warning: ${option} has no effect here`);
    return command.run(kept, terminal);
  },
};

function printVersion({ output, version }: Terminal): number {
  output.print(`dheera_ai ${version}`);
  return 0;
}

/** Checks everything that needs no upstream: the file, its plug-ins, its entries. */
async function validate(
  { config: file, strict }: ServeOptions,
  { environment, output, printError }: Terminal,
): Promise<number> {
  if (file === undefined) throw new UsageError("--validate_config wants a file: --config FILE");
  const loaded = await readConfiguration(file, environment, { strict });
  const gateway = await connectConfiguration(loaded, environment);
  for (const warning of [...loaded.warnings, ...gateway.warnings]) printError(`warning: ${warning}`);
  const servesNothing = gateway.served.length === 0;
  if (servesNothing) printError(`dheera_ai: ${file} has no mistakes, and nothing in it can be served`);
  else output.print(`${file} is valid: ${gateway.dheera.models().join(", ")}`);
  await gateway.close();
  return servesNothing ? 1 : 0;
}

async function start(options: ServeOptions, terminal: Terminal): Promise<RunningServer> {
  const { request_timeout: requestTimeout, debug, detailed_debug } = options;
  const environment = { ...terminal.environment, ...((debug || detailed_debug) && { LOG_LEVEL: "debug" }) };
  const source = await sourceOf(options, environment);
  const { host, port: listenPort, reload, strict, num_workers, prometheus_metrics_port, shutdown_timeout } = options;
  const server: ServerOptions = {
    ...source,
    host,
    port: listenPort,
    environment,
    log: operatorLog(terminal),
    reload,
    strict,
    numWorkers: num_workers,
    ...(requestTimeout !== undefined && { requestTimeout }),
    ...tlsOf(options),
    ...(options.keepalive_timeout !== undefined && { keepAliveTimeout: options.keepalive_timeout }),
    ...(options.limit_concurrency !== undefined && { limitConcurrency: options.limit_concurrency }),
    ...(shutdown_timeout !== undefined && { shutdownTimeout: shutdown_timeout }),
    ...(prometheus_metrics_port !== undefined && { prometheusMetricsPort: prometheus_metrics_port }),
  };
  try {
    return await withProxy(({ startServer }) => startServer(server));
  } catch (error) {
    throw explainListenError(error, options) ?? error;
  }
}

async function describeStart(url: string, options: ServeOptions, terminal: Terminal): Promise<string> {
  const { environment, output } = terminal;
  const { config } = await sourceOf(options, environment);
  return withProxy(async ({ isKeyless, loadConfig }) => {
    const served = config ?? (await loadConfig(options.config ?? "", environment)).config;
    const models = [...new Set(served.model_list.map(({ model_name }) => model_name))];
    return drawStart({ url, models, isKeyless: isKeyless(served, environment) }, output);
  });
}

/** @throws UsageError for one file without the other: the proxy would answer to plain HTTP. */
function tlsOf({ ssl_certfile_path: certificate, ssl_keyfile_path: key }: ServeOptions): Pick<ServerOptions, "tls"> {
  if (certificate === undefined && key === undefined) return {};
  if (certificate === undefined || key === undefined)
    throw new UsageError("--ssl_certfile_path and --ssl_keyfile_path go together; give both");
  return { tls: { certificate, key } };
}

/** The models come from a file, or from the command line itself. */
async function sourceOf(
  options: ServeOptions,
  environment: Terminal["environment"],
): Promise<Pick<ServerOptions, "configPath" | "config">> {
  const { config, model, alias, api_base } = options;
  if (config !== undefined && model !== undefined)
    throw new UsageError("--config and --model both say what to serve; give one");
  if (config !== undefined) {
    await requireFile(config);
    return { configPath: config };
  }
  if (model === undefined)
    throw new UsageError("there is nothing to serve: give --config FILE (dheera_ai init writes one) or --model MODEL");
  const entry = {
    model_name: alias ?? model,
    dheera_ai_params: { model, ...(api_base !== undefined && { api_base }) },
    model_info: { mode: "rerank" },
  };
  // JSON is YAML.
  const yaml = JSON.stringify({ model_list: [entry] });
  return withProxy(async ({ createGateway, parseConfig }) => {
    const { config: parsed } = parseConfig(yaml, { file: "--model", environment });
    const gateway = await createGateway(parsed, { environment });
    await gateway.close();
    const [why] = [...gateway.unserved.values(), ...gateway.served.flatMap(({ unavailable }) => unavailable ?? [])];
    if (why !== undefined) throw new UsageError(`--model ${model}: ${why}`);
    return { config: parsed };
  });
}

function explainListenError(error: unknown, options: ServeOptions): Failure | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: "another program listens there; stop it, or choose another port with --port",
    EACCES: "this user may not listen there; choose a port above 1023 with --port",
    EADDRNOTAVAIL: "this machine does not have that address; choose another with --host",
    ENOTFOUND: "this machine does not have that address; choose another with --host",
  };
  const reason = reasons[String(error.code)];
  return reason === undefined
    ? undefined
    : new Failure(`cannot listen on ${options.host}:${options.port}: ${reason}`, { cause: error });
}
