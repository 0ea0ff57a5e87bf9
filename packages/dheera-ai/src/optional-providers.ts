import { DheeraError, type Profile, type Provider, type Scorer, type Target } from "@dheera-ai/core";
import { type Environment, isRecord, rememberSuccess, sleep } from "@dheera-ai/core/provider-utils";

import { asksForEntra, entraParameters } from "./asks-for-entra.ts";
import { importPackage } from "./import-package.ts";

/** A provider in a package that users install themselves, because it brings libraries that few need. */
export interface OptionalPackage {
  /** The prefix in `model: <name>/<model>`. */
  readonly name: string;
  readonly package: string;
  /** What the package exports to make the provider. */
  readonly factory: string;
  /**
   * Where the prefix is served without the package too: whether a deployment with these parameters needs it. Each does
   * when absent.
   */
  readonly isNeeded?: (params: Readonly<Record<string, unknown>>, environment: Environment) => boolean;
  /**
   * Whether a deployment with these parameters begins its work when it is connected. Otherwise its package is imported by
   * its first call.
   */
  readonly startsAtOnce?: (params: Readonly<Record<string, unknown>>) => boolean;
  /** Its parameters beside those of the prefix without it. */
  readonly parameters?: readonly string[];
}

/** The official ones. */
export const optionalPackages: readonly OptionalPackage[] = [
  { name: "bedrock", package: "@dheera-ai/bedrock", factory: "bedrock" },
  {
    name: "local",
    package: "@dheera-ai/local",
    factory: "local",
    startsAtOnce: ({ warm }) => warm === true,
  },
  { name: "vertex_ai", package: "@dheera-ai/vertex", factory: "vertexAi" },
  { name: "volcengine", package: "@dheera-ai/volcengine", factory: "volcengine" },
  { name: "watsonx", package: "@dheera-ai/watsonx", factory: "watsonx" },
  {
    name: "azure_ai",
    package: "@dheera-ai/azure",
    factory: "azureAi",
    isNeeded: asksForEntra,
    parameters: entraParameters,
  },
];

/** Whether a deployment with this prefix and these parameters needs an official package that users install. */
export function needsPackage(
  prefix: string,
  params: Readonly<Record<string, unknown>>,
  environment: Environment,
): boolean {
  const optional = optionalPackages.find(({ name }) => name === prefix);
  return optional !== undefined && (optional.isNeeded?.(params, environment) ?? true);
}

/** What the providers of optional packages are made with. */
export interface OptionalProvidersOptions {
  readonly environment: Environment;
  /** A folder from which packages are looked for that are not found beside this one, such as a configuration's. */
  readonly directory?: string | undefined;
}

/** Packages that were asked for. */
export interface LoadedProviders {
  readonly providers: readonly Provider[];
  /** For each prefix whose package is not there or cannot be used: what to say to the operator. */
  readonly missing: ReadonlyMap<string, string>;
}

/**
 * The same prefixes at once, without any of the packages: each is imported at the first call of its first deployment,
 * which says what to install where it is missing. Parameters are checked then, too.
 * @param others Providers that serve a prefix where its package is not needed.
 */
export function makeOptionalProviders(
  packages: readonly OptionalPackage[],
  options: OptionalProvidersOptions,
  others: readonly Provider[] = [],
): readonly Provider[] {
  return packages.map((optional) => {
    const lazy = lazyProvider(optional, options);
    const other = others.find(({ name }) => name === optional.name);
    return other ? whereNeeded(optional, lazy, other, options) : lazy;
  });
}

function whereNeeded(
  { name, isNeeded, parameters = [] }: OptionalPackage,
  lazy: Provider,
  other: Provider,
  { environment }: OptionalProvidersOptions,
): Provider {
  const needs = (target: Target): boolean =>
    isNeeded?.({ ...target.options, api_key: target.apiKey }, environment) ?? true;
  return {
    name,
    ...(other.optionNames && { optionNames: [...other.optionNames, ...parameters] }),
    connect: (target) => (needs(target) ? lazy : other).connect(target),
  };
}

/** Imports the packages of these prefixes now. Prefixes of other providers are left alone. */
export async function loadOptionalProviders(
  prefixes: Iterable<string>,
  options: OptionalProvidersOptions,
  packages: readonly OptionalPackage[] = optionalPackages,
): Promise<LoadedProviders> {
  const wanted = new Set(prefixes);
  const providers: Provider[] = [];
  const missing = new Map<string, string>();
  for (const optional of packages.filter(({ name }) => wanted.has(name)))
    try {
      providers.push(await loadProvider(optional, options));
    } catch (error) {
      missing.set(optional.name, error instanceof Error ? error.message : String(error));
    }
  return { providers, missing };
}

function lazyProvider(optional: OptionalPackage, options: OptionalProvidersOptions): Provider {
  const load = rememberSuccess(() => loadProvider(optional, options));
  return {
    name: optional.name,
    connect: (target) => lazyScorer(target, load, optional.startsAtOnce?.(target.options)),
  };
}

/** Milliseconds before a server is asked again of which is not known how it wakes. */
const pauseMs = 500;

/** It has all that the contract allows, as far as it is asked for before it is known which of that the provider has. */
function lazyScorer(target: Target, load: () => Promise<Provider>, startsAtOnce: boolean = false): Scorer {
  let connecting: Promise<Scorer> | undefined;
  let connected: Scorer | undefined;
  let isClosed = false;
  const connect = rememberSuccess(async () => {
    connecting = load().then((provider) => provider.connect(target));
    connected = await connecting;
    return connected;
  });
  const profile = (signal: AbortSignal): Profile | Promise<Profile> =>
    connected?.profile(signal) ?? connect().then((scorer) => scorer.profile(signal));
  // In the next turn of the event loop: who connects only to check the parameters closes at once.
  if (startsAtOnce) setTimeout(() => isClosed || connect().catch(() => {}), 0);
  return {
    profile,
    score: async (call) => (connected ?? (await connect())).score(call),
    countTokens: async (texts, signal) => (connected ?? (await connect())).countTokens?.(texts, signal),
    async wake(signal) {
      const scorer = connected ?? (await connect());
      // Where it has none, the server is asked again after a pause, as core does.
      await (scorer.wake ? scorer.wake(signal) : sleep(pauseMs, signal, "background"));
    },
    get confirm() {
      return connected?.confirm && ((signal: AbortSignal) => connected?.confirm?.(signal) ?? profile(signal));
    },
    get check() {
      return connected?.check && (async (signal: AbortSignal) => connected?.check?.(signal));
    },
    // Nobody asks for these before the profile, which connects.
    asksDetails: (providerOptions, params) => connected?.asksDetails?.(providerOptions, params) ?? false,
    get takesProviderOptions() {
      return connected?.takesProviderOptions ?? false;
    },
    processes: () => connected?.processes?.(),
    async close() {
      isClosed = true;
      const scorer = await connecting?.catch(() => undefined);
      await scorer?.close?.();
    },
  };
}

/** @throws DheeraError `invalid_request` that says what to install */
async function loadProvider(
  optional: OptionalPackage,
  { environment, directory }: OptionalProvidersOptions,
): Promise<Provider> {
  const { name, package: packageName, factory } = optional;
  const module = await importPackage(packageName, directory).catch((error: unknown) => {
    throw new DheeraError("invalid_request", `model ${name}/… ${sayWhy(optional, error)}`, {
      cause: error,
      param: "model",
      provider: name,
    });
  });
  const make = isRecord(module) ? module[factory] : undefined;
  const provider: unknown = typeof make === "function" ? make({ environment, directory }) : undefined;
  if (isProvider(provider)) return provider;
  throw new DheeraError(
    "invalid_request",
    `model ${name}/… needs the package ${packageName} in the version of dheera-ai: npm install ${packageName}`,
    { param: "model", provider: name },
  );
}

function isProvider(value: unknown): value is Provider {
  return isRecord(value) && typeof value["name"] === "string" && typeof value["connect"] === "function";
}

function sayWhy({ package: packageName, factory }: OptionalPackage, error: unknown): string {
  if (!isNotFound(error, packageName)) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return `needs the package ${packageName}, which cannot be loaded (${reason})`;
  }
  // A bundle has no packages.
  const isBundled = typeof process === "undefined" || process.versions?.node === undefined;
  const remedy = isBundled ? `give ${factory}() of it to createDheera as a provider` : `npm install ${packageName}`;
  return `needs the package ${packageName}: ${remedy}`;
}

/** Whether the package itself is not there, rather than something that it imports. */
function isNotFound(error: unknown, packageName: string): boolean {
  if (!(error instanceof Error)) return true;
  const code = "code" in error ? error.code : undefined;
  const isOfResolution = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || error instanceof TypeError;
  // As a word: paths in it may go through the package.
  return isOfResolution && error.message.split(/[\s'"`,;:]+/).includes(packageName);
}
