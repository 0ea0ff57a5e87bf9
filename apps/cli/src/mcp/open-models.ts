import { type Observer, isDheeraError } from "@dheera-ai/core";
import type { McpModel, RankDocuments } from "@dheera-ai/mcp";

import { apiKeyOf } from "../api-key.ts";
import { listServed } from "../commands/models.ts";
import { UsageError } from "../errors.ts";
import { openDheera } from "../open-dheera.ts";
import type { Terminal } from "../terminal.ts";
import { operatorLog } from "../worker/operator-log.ts";
import { describeConfigured, describeModel, officialModels } from "./describe-models.ts";

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
  /** Whether documents leave this machine, as far as is known. */
  readonly asksOthers: boolean;
  list(signal: AbortSignal): Promise<readonly McpModel[]>;
}

/** @throws UsageError, WrongConfiguration, or a DheeraError of a proxy that does not answer */
export async function openModels(
  options: ModelOptions,
  terminal: Terminal,
  observer: Observer | undefined,
): Promise<OfferedModels> {
  const { environment } = terminal;
  const telemetry = { log: operatorLog(terminal), ...(observer && { observer }) };
  const opened = await openDheera(options.config, environment, telemetry);
  const { dheera } = opened;
  const end = { [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  if (options.api_base !== undefined)
    return { ...(await servedBy(options.api_base, options, terminal, dheera.rerank)), ...end };
  if (options.config === undefined) {
    const models = officialModels(environment);
    const defaultModel = options.model ?? "bm25/default";
    const list = async () =>
      models.some(({ name }) => name === defaultModel) ? models : [describeModel(defaultModel), ...models];
    return { rerank: dheera.rerank, defaultModel, asksOthers: true, list, ...end };
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
    asksOthers: true,
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
): Promise<Omit<OfferedModels, keyof AsyncDisposable>> {
  const api_key = apiKeyOf(options, environment);
  const list = async (signal: AbortSignal): Promise<readonly McpModel[]> =>
    (await listServed(api_base, api_key, signal)).map(({ model_name }) => ({ name: model_name }));
  return {
    rerank: (request, call) => rank({ ...request, model: `dheera_ai/${request.model}`, api_base, api_key }, call),
    defaultModel: options.model ?? (await firstOf(list, stop, printError)),
    asksOthers: true,
    list,
  };
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
