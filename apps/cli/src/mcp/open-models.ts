import { type Observer, isDheeraError } from "@dheera-ai/core";
import type { McpModel, RankDocuments } from "@dheera-ai/mcp";

import { apiKeyOf } from "../api-key.ts";
import { listServed } from "../commands/models.ts";
import { UsageError } from "../errors.ts";
import { openDheera } from "../open-dheera.ts";
import type { Terminal } from "../terminal.ts";
import { operatorLog } from "../worker/operator-log.ts";
import { describeConfigured, describeModel, officialModels } from "./describe-models.ts";
import { observeListed } from "./observe-listed.ts";

interface ModelOptions {
  readonly config?: string;
  readonly api_base?: string;
  readonly api_key?: string;
  readonly model?: string;
}

/** The models that agents are offered, wherever they run. */
export interface OfferedModels extends AsyncDisposable {
  readonly rerank: RankDocuments;
  readonly defaultModel: string | undefined;
  list(signal: AbortSignal): Promise<readonly McpModel[]>;
}

/** @throws UsageError, WrongConfiguration, or a DheeraError of a proxy that does not answer */
export async function openModels(
  options: ModelOptions,
  terminal: Terminal,
  observer: Observer | undefined,
): Promise<OfferedModels> {
  const { environment } = terminal;
  // The names of a configuration are few; elsewhere it is callers who say what is asked.
  const listed = options.config === undefined ? new Set<string>() : undefined;
  const observed = observer && observeListed(observer, listed);
  const telemetry = { log: operatorLog(terminal), ...(observed && { observer: observed }) };
  const opened = await openDheera(options.config, environment, telemetry);
  const { dheera } = opened;
  const end = { [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  if (options.api_base !== undefined)
    return { ...(await servedBy(options.api_base, options, terminal, dheera.rerank, listed)), ...end };
  if (options.config === undefined) {
    const models = officialModels(environment);
    const defaultModel = options.model ?? "bm25/default";
    const offered = models.some(({ name }) => name === defaultModel)
      ? models
      : [describeModel(defaultModel), ...models];
    for (const { name } of offered) listed?.add(name);
    return { rerank: dheera.rerank, defaultModel, list: async () => offered, ...end };
  }
  const names = dheera.models();
  if (options.model !== undefined && !names.includes(options.model) && dheera.wildcardOf(options.model) === undefined) {
    await opened[Symbol.asyncDispose]();
    throw new UsageError(
      `--model ${options.model}: ${options.config} has no such model_name; it has ${names.join(", ")}`,
    );
  }
  return {
    rerank: dheera.rerank,
    defaultModel: options.model ?? names.find((name) => !name.includes("*")),
    list: async () => describeConfigured(dheera),
    ...end,
  };
}

/** Models of a proxy are asked through the library, so that its batches, retries and errors are the same here. */
async function servedBy(
  api_base: string,
  options: ModelOptions,
  { environment, printError, stop }: Terminal,
  rank: RankDocuments,
  listed: Set<string> | undefined,
): Promise<Omit<OfferedModels, keyof AsyncDisposable>> {
  // The address is always that of a proxy, whatever its models are called.
  const { model: _ofProxy, ...server } = options;
  const api_key = apiKeyOf(server, environment);
  const list = async (signal: AbortSignal): Promise<readonly McpModel[]> => {
    const models = await listServed(api_base, api_key, signal);
    for (const { model_name } of models) listed?.add(atProxy + model_name);
    return models.map(({ model_name }) => ({ name: model_name }));
  };
  const defaultModel = options.model ?? (await firstOf(list, stop, printError));
  if (defaultModel !== undefined) listed?.add(atProxy + defaultModel);
  return {
    async rerank(request, call) {
      const response = await rank({ ...request, model: atProxy + request.model, api_base, api_key }, call);
      return { ...response, model: withoutProxy(response.model) };
    },
    defaultModel,
    list,
  };
}

/** How the library calls a model of a proxy. */
const atProxy = "dheera_ai/";

/** The name that a call may say. */
function withoutProxy(model: string): string {
  return model.startsWith(atProxy) ? model.slice(atProxy.length) : model;
}

/** Agents' programs start this beside a proxy that may not be up yet, and do not start it again. */
async function firstOf(
  list: OfferedModels["list"],
  stop: AbortSignal,
  printError: Terminal["printError"],
): Promise<string | undefined> {
  try {
    const models = await list(AbortSignal.any([stop, AbortSignal.timeout(patienceMs)]));
    return models.find(({ name }) => !name.includes("*"))?.name;
  } catch (error) {
    if (!isDheeraError(error)) throw error;
    printError(`dheera_ai mcp: no default model, so that each call has to name one: ${error.message}`);
    return undefined;
  }
}

const patienceMs = 5_000;
