import { dirname } from "node:path";

import { type Dheera, type ModelEntry, findWildcard, isWildcard } from "@dheera-ai/core";
import type { MeasuredModel } from "@dheera-ai/eval";
import type { Gateway, LoadedConfig } from "@dheera-ai/proxy";

import { didYouMean } from "../command-line/did-you-mean.ts";
import { connectConfiguration, readConfiguration, withProxy } from "../configuration.ts";
import { Failure, UsageError } from "../errors.ts";
import { findUsableLocalModel } from "../local/usable-local-model.ts";
import type { Terminal } from "../terminal.ts";
import { identityOf } from "./model-identity.ts";
import { digestOfPlugins, revisionOf } from "./model-revision.ts";
import { type ResolvedModel, withMembers } from "./resolve-model.ts";
import { worstCosts } from "./worst-costs.ts";

export interface WantedModels {
  readonly config?: string | undefined;
  /** Model names; all of the configuration when absent. */
  readonly models?: readonly string[] | undefined;
  /** What they cost has to be known. */
  readonly withCosts: boolean;
  /** With its cache and its shadows, as the proxy serves them; without a configuration scores are remembered in this process. */
  readonly asServed?: boolean | undefined;
  /** A server that has those which are named by their provider. */
  readonly server?: { readonly api_base: string; readonly api_key?: string | undefined } | undefined;
  /** The option that names them; default `--models`. */
  readonly option?: string | undefined;
}

export interface OpenModels extends AsyncDisposable {
  readonly dheera: Dheera;
  readonly models: readonly MeasuredModel[];
  /** Model names that run in this process, where nobody bills anything. */
  readonly free: ReadonlySet<string>;
}

/**
 * Opens models: those of a configuration, and `<provider>/<model>`. To be measured, without its cache and its shadows, so that time and
 * cost are those of the models, and without calibrations of the models in `raw`.
 * @throws UsageError for a name that is not known; WrongConfiguration
 */
export async function openModels(
  given: WantedModels,
  { environment, stop, version }: Pick<Terminal, "environment" | "stop" | "version">,
  raw: readonly string[] = [],
): Promise<OpenModels> {
  const { config: file, models: wanted, withCosts, option = "--models" } = given;
  const loaded = file === undefined ? undefined : await readConfiguration(file, environment);
  const names = wanted ?? (loaded ? namesOf(loaded) : await builtInModels(environment));
  if (names.length === 0)
    throw new UsageError(`the configuration has no model that can be asked; name some with ${option}`);
  const configuration = await complete(loaded, names, environment, { ...given, option, raw });
  const folder = dirname(configuration.path);
  const gateway = await connectConfiguration(configuration, environment);
  try {
    refuseUnserved(gateway, names);
    const asked = [...withMembers(names, gateway)];
    await askProfiles(gateway.dheera, asked, stop);
    const worst = withCosts ? worstCosts(gateway, names) : undefined;
    const plugins = await digestOfPlugins(gateway.config, folder);
    return {
      dheera: gateway.dheera,
      models: names.map((name) => ({
        name,
        identity: identityOf(name, gateway, version),
        revision: revisionOf(name, gateway, plugins),
        worstCost: worst?.get(name),
      })),
      free: new Set(asked.flatMap(([name, { entries }]) => (areInProcess(entries) ? [name] : []))),
      [Symbol.asyncDispose]: () => gateway.close(),
    };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

/** Asks servers what they are, which none of them bills. What is wrong with one, its first request will say. */
async function askProfiles(
  dheera: Dheera,
  models: readonly (readonly [string, ResolvedModel])[],
  signal: AbortSignal,
): Promise<void> {
  const ids = new Set(models.flatMap(([, { deployments }]) => deployments.map(({ id }) => id)));
  await Promise.all([...ids].map((id) => dheera.check(id, signal, { onlyProfile: true }).catch(() => {})));
}

/** Without a configuration there is BM25, and what was pulled to this machine. */
async function builtInModels(environment: Terminal["environment"]): Promise<readonly string[]> {
  const local = await findUsableLocalModel(environment);
  return ["bm25/default", ...(local === undefined ? [] : [`local/${local}`])];
}

function namesOf({ config }: LoadedConfig): readonly string[] {
  return [...new Set(config.model_list.map(({ model_name }) => model_name))].filter((name) => !isWildcard(name));
}

interface Completion extends Pick<WantedModels, "asServed" | "server"> {
  readonly option: string;
  readonly raw: readonly string[];
}

/** The configuration with entries for models that are named by their provider. */
async function complete(
  loaded: LoadedConfig | undefined,
  names: readonly string[],
  environment: Terminal["environment"],
  { asServed = false, server, option, raw }: Completion,
): Promise<LoadedConfig> {
  const own = loaded?.config.model_list.map(({ model_name }) => model_name) ?? [];
  const aliases = Object.keys(loaded?.config.router_settings.model_group_alias ?? {});
  const isKnown = (name: string): boolean =>
    own.includes(name) || aliases.includes(name) || findWildcard(own.filter(isWildcard), name) !== undefined;
  const added = names.filter((name) => !isKnown(name));
  const unknown = added.find((name) => !name.includes("/"));
  if (unknown !== undefined) throw new UsageError(describeUnknown(unknown, [...own, ...aliases], option));
  const entries = added.map((name) => ({ model_name: name, dheera_ai_params: { model: name, ...server } }));
  if (!loaded) {
    const made = await withProxy(async ({ parseConfig }) =>
      parseConfig(JSON.stringify({ model_list: entries, ...(asServed && remembering) }), { file: option, environment }),
    );
    return { ...made, path: option, files: [] };
  }
  const { config } = loaded;
  const { cache: _cache, ...uncached } = config.dheera_ai_settings;
  const uncalibrated = new Set(raw.map((name) => config.router_settings.model_group_alias?.[name] ?? name));
  return {
    ...loaded,
    config: {
      ...config,
      model_list: [
        ...config.model_list
          .map((entry) => (asServed ? entry : without("shadow", entry)))
          .map((entry) => (uncalibrated.has(entry.model_name) ? without("calibration", entry) : entry)),
        ...entries,
      ],
      dheera_ai_settings: asServed ? config.dheera_ai_settings : uncached,
    },
    locateModelProblem: (position, message) => {
      const entry = entries[position - config.model_list.length];
      if (entry) throw new UsageError(`${option} ${entry.model_name}: ${message}`);
      return loaded.locateModelProblem(position, message);
    },
  };
}

/** Duplicates across requests are scored once. */
const remembering = { dheera_ai_settings: { cache: true, cache_params: { type: "local" } } };

function without<Entry extends ModelEntry>(key: "shadow" | "calibration", entry: Entry): Entry {
  const { [key]: _left, ...params } = entry.dheera_ai_params;
  return { ...entry, dheera_ai_params: params };
}

function describeUnknown(name: string, known: readonly string[], option: string): string {
  const remedy =
    known.length === 0
      ? "without --config, models are named by their provider: bm25/default"
      : `the configuration has ${known.join(", ")}`;
  return `${option}: ${name} is not known; ${remedy}${didYouMean(name, known)}`;
}

/** One that cannot serve would only bring an error for each query. */
function refuseUnserved({ unserved }: Gateway, names: readonly string[]): void {
  const reasons = names.flatMap((name) => unserved.get(name) ?? []);
  if (reasons.length > 0) throw new Failure(reasons.join("\n"));
}

function areInProcess(entries: readonly ModelEntry[]): boolean {
  return (
    entries.length > 0 &&
    entries.every(
      ({ dheera_ai_params: { model, api_base } }) => api_base === undefined && /^(bm25|local)\//.test(model),
    )
  );
}
