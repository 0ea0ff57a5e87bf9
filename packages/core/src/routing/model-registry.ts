import { CombinedModels, combinationOf } from "../combining/combined-models.ts";
import { connectCombined } from "../combining/connect-combined.ts";
import type { Http, Provider } from "../contract.ts";
import { Deployment, type DeploymentSettings, type DeploymentStatus } from "../deployment/deployment.ts";
import type { ModelParams } from "../deployment/params.ts";
import type { RetrySettings } from "../dispatch/score-task.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import type { Observer } from "../observer.ts";
import type { DheeraOptions, RerankOptions } from "../options.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { ScoreReuse } from "../reuse/reuse-scores.ts";
import { createHttp } from "../upstream/http.ts";
import { idOfEntry } from "./entry-id.ts";
import { Fallbacks } from "./fallbacks.ts";
import type { Group, RouteSettings } from "./route.ts";
import type { ModelEntry, RequestLimits, RoutingStrategy } from "./settings.ts";
import { WildcardEntry, exampleOf, findWildcard, forget, isWildcard } from "./wildcards.ts";

/** Defaults follow LiteLLM's router. */
const defaults = {
  timeout: 600,
  numRetries: 2,
  retryAfter: 0,
  allowedFails: 3,
  cooldownTime: 5,
  maxQueuedDocuments: 100_000,
} as const;
/** Deployments named by requests themselves that are kept, with what was learned of them. */
const mostNamed = 1_000;

/** Everything a request needs that outlives it: deployments by model name, settings, what was learned. */
export class ModelRegistry implements RouteSettings {
  readonly limits: RequestLimits;
  readonly observer: Observer | undefined;
  readonly reuse: ScoreReuse;
  readonly retries: RetrySettings;
  /** Seconds for a request that names no timeout. */
  readonly timeout: number;
  readonly strategy: RoutingStrategy;
  /** Models that ask others; absent where none are configured. */
  readonly combined: CombinedModels | undefined;
  readonly #options: DheeraOptions;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #http: Http;
  readonly #groups = new Map<string, Deployment[]>();
  /** Each configured deployment alone, for requests that name its id, as LiteLLM's do. Model names come first. */
  readonly #byId = new Map<string, Group>();
  /** Entries whose model name stands for many, by that name. */
  readonly #wildcards = new Map<string, WildcardEntry[]>();
  /** Deployments of models that requests named themselves, least recently used first. */
  readonly #named = new Map<string, NamedGroup>();
  /** What each alias stands for. */
  readonly #aliases: ReadonlyMap<string, string>;
  /** Absent where none are configured. */
  readonly #fallbacks: Fallbacks | undefined;
  /** Deployments that are no longer kept and are being closed. */
  readonly #evictions = new Set<Promise<void>>();
  /** Requests and checks that run. */
  #running = 0;
  #closing: { readonly promise: Promise<void>; readonly allEnded: () => void } | undefined;

  constructor(options: DheeraOptions) {
    const settings = options.router_settings ?? {};
    this.#options = options;
    this.limits = options.limits ?? {};
    this.observer = options.observer;
    this.reuse = new ScoreReuse(options.cache);
    this.retries = {
      numRetries: settings.num_retries ?? defaults.numRetries,
      retryAfter: settings.retry_after ?? defaults.retryAfter,
    };
    this.timeout = settings.timeout ?? defaults.timeout;
    this.strategy = settings.routing_strategy ?? "simple-shuffle";
    this.#providers = new Map(options.providers.map((provider) => [provider.name, provider]));
    this.#http = createHttp(options.transport);
    this.#aliases = new Map(Object.entries(settings.model_group_alias ?? {}));
    if (settings.fallbacks || settings.default_fallbacks) this.#fallbacks = new Fallbacks(settings);
    const { model_list: entries = [], combinations = [] } = options;
    const plain = entries.filter((entry) => !combinationOf(entry, combinations));
    // The names of all, in the order of the configuration.
    for (const { model_name: name } of entries) if (!isWildcard(name)) this.#groups.set(name, []);
    for (const entry of plain) this.#add(entry);
    if (plain.length < entries.length) this.combined = this.#addCombined(options);
  }

  /** Options for a provider that does not exist are a typing error, which the answer mentions as it does unknown fields. */
  warnOfProviders(request: CheckedRequest): CheckedRequest {
    const unknown = Object.keys(request.providerOptions ?? {}).filter((name) => !this.#providers.has(name));
    const [first, ...others] = unknown;
    if (first === undefined) return request;
    const param = isShownName(first) ? `provider_options.${first}` : "provider_options";
    const more = others.length > 0 ? `, nor ${others.length} more of its names` : "";
    return { ...request, warnings: [...request.warnings, `${param} had no effect: no provider has this name${more}`] };
  }

  /**
   * The deployments that can serve the request: those of its model name, then those of its fallbacks. They stay open
   * until the lease is released.
   * @throws DheeraError `model_not_found`; `invalid_request` for an `api_key` that nothing can use, and after `close`.
   */
  lease(request: CheckedRequest, options: FallbackOptions = {}): GroupLease {
    // The whole of which it is a part runs already.
    if (!request.part) this.#refuseWhenClosed();
    const name = this.#modelOf(request.model);
    const configured = this.#groups.get(name) ?? this.#byId.get(name);
    const isConfigured =
      request.apiBase === undefined && (configured !== undefined || this.wildcardOf(name) !== undefined);
    if (isConfigured && request.apiKey !== undefined)
      throw new DheeraError("invalid_request", "api_key: goes with an api_base, or with a model outside model_list", {
        param: "api_key",
      });
    if (!isConfigured && this.limits.allowDestination === false) throw this.#unknown(request.model);
    const kept: NamedGroup[] = [];
    const release = (): void => {
      for (const named of kept) if (--named.running === 0 && named.isEvicted) this.#closeEvicted(named);
      this.#ended();
    };
    this.#running++;
    try {
      const fallbacks = this.#fallbacksOf(name, request, options, kept);
      const own = isConfigured ? (configured ?? this.#groupOf(name, kept)) : this.#connectNamed(name, request, kept);
      return { groups: [own ?? [], ...fallbacks], release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The configured name with an asterisk that stands for this one; undefined where there is none, or the name is configured itself. */
  wildcardOf(name: string): string | undefined {
    if (this.#wildcards.size === 0 || this.#groups.has(name) || this.#byId.has(name)) return undefined;
    return findWildcard(this.#wildcards.keys(), name);
  }

  models(): readonly string[] {
    return [...this.#groups.keys(), ...this.#wildcards.keys(), ...this.#aliases.keys()];
  }

  deployments(): readonly Deployment[] {
    return [...this.#groups.values()].flat();
  }

  statuses(): readonly DeploymentStatus[] {
    const wildcards = [...this.#wildcards.values()].flat();
    return [
      ...this.deployments().map((deployment) => deployment.status()),
      ...wildcards.map((entry) => entry.status()),
    ];
  }

  /**
   * Uses one configured deployment, which stays open meanwhile.
   * @throws DheeraError `model_not_found`; `invalid_request` after `close`.
   */
  async withDeployment(id: string, use: (deployment: Deployment) => Promise<void>): Promise<void> {
    this.#refuseWhenClosed();
    const deployment = this.deployments().find((other) => other.id === id);
    if (!deployment) throw this.#unknownDeployment(id);
    this.#running++;
    try {
      await use(deployment);
    } finally {
      this.#ended();
    }
  }

  /**
   * Takes no more requests, lets those that run end, and closes each deployment once.
   * @throws what providers throw, after all were closed.
   */
  close(): Promise<void> {
    if (this.#closing) return this.#closing.promise;
    const { promise: ended, resolve: allEnded } = Promise.withResolvers<void>();
    const promise = ended
      .then(() => closeAll([...this.deployments(), ...[...this.#named.values()].flatMap(({ group }) => group)]))
      .finally(() => Promise.all(this.#evictions));
    this.#closing = { promise, allEnded };
    if (this.#running === 0) allEnded();
    return promise;
  }

  /** @throws DheeraError `invalid_request` for the first that cannot serve */
  #addCombined(options: DheeraOptions): CombinedModels {
    const added = new CombinedModels();
    const { models, problems } = connectCombined(options);
    if (problems[0]) throw problems[0].error;
    for (const [entry, connected] of models) {
      const id = this.#idOf(entry);
      const group = this.#groups.get(entry.model_name) ?? [];
      added.add(group, { id, entry, ...connected });
      if (!this.#byId.has(id)) this.#byId.set(id, group);
    }
    return added;
  }

  #add(entry: ModelEntry): void {
    if (isWildcard(entry.model_name)) return this.#addWildcard(entry);
    const deployment = this.#connect(entry);
    const group = this.#groups.get(entry.model_name);
    if (group) group.push(deployment);
    else this.#groups.set(entry.model_name, [deployment]);
    if (!this.#byId.has(deployment.id)) this.#byId.set(deployment.id, [deployment]);
  }

  /** Its parameters are tried with a name that nobody has, where it names a provider: connecting opens nothing. */
  #addWildcard(entry: ModelEntry): void {
    const added = new WildcardEntry(this.#idOf(entry), entry);
    if (!isWildcard(added.provider)) this.#connect(added.entryFor(exampleOf(entry.model_name)), { origin: entry });
    const entries = this.#wildcards.get(entry.model_name);
    if (entries) entries.push(added);
    else this.#wildcards.set(entry.model_name, [added]);
  }

  /** What an alias stands for. */
  #modelOf(name: string): string {
    return this.#aliases.get(name) ?? name;
  }

  /** The deployments of a configured name, or of one that a wildcard stands for: those are kept for the request. */
  #groupOf(model: string, kept: NamedGroup[]): Group | undefined {
    const group = this.#groups.get(model) ?? this.#byId.get(model);
    if (group) return group;
    const wildcard = this.wildcardOf(model);
    return wildcard === undefined ? undefined : this.#connectWildcard(wildcard, model, kept);
  }

  #fallbacksOf(name: string, request: CheckedRequest, options: FallbackOptions, kept: NamedGroup[]): readonly Group[] {
    if (request.fallbacks)
      return this.#requestedFallbacks(name, request, request.fallbacks, options.requestFallbackModels, kept);
    if (this.#fallbacks === undefined) return noGroups;
    const allowed = options.fallbackModels;
    const mayServe = (other: string, model: string): boolean =>
      !allowed || [other, model, this.wildcardOf(model)].some((one) => one !== undefined && allowed.includes(one));
    return this.#fallbacks
      .of(name, this.wildcardOf(name), mayServe)
      .map((other) => this.#groupIfServed(other, kept) ?? []);
  }

  /** A fallback that its provider refuses must not keep the model itself from serving. */
  #groupIfServed(model: string, kept: NamedGroup[]): Group | undefined {
    try {
      return this.#groupOf(model, kept);
    } catch (error) {
      if (isDheeraError(error)) return undefined;
      throw error;
    }
  }

  /** @throws DheeraError `forbidden` or `model_not_found` for a name that the request may not use. */
  #requestedFallbacks(
    name: string,
    request: CheckedRequest,
    names: readonly string[],
    allowed: readonly string[] | undefined,
    kept: NamedGroup[],
  ): readonly Group[] {
    const groups = names.map((other) => {
      const model = this.#modelOf(other);
      const named = this.#groups.get(model) ?? this.#byId.get(model);
      const combined = named && this.combined?.of(named)?.entry.model_name;
      const configured = combined ?? named?.[0]?.modelName ?? this.wildcardOf(model);
      if (allowed && !allowed.includes(other) && !allowed.includes(configured ?? other))
        throw new DheeraError(
          "forbidden",
          `fallbacks: names ${JSON.stringify(other.slice(0, 200))}, a model that this key may not use`,
          { param: "fallbacks" },
        );
      const group = this.#groupOf(model, kept) ?? this.#fallbackNamed(model, request, kept);
      if (!group) throw this.#unknown(other, "fallbacks");
      return { model, group };
    });
    return groups
      .filter(({ model }) => model !== name)
      .slice(0, this.#options.router_settings?.max_fallbacks)
      .map(({ group }) => group);
  }

  /** A fallback that is not configured, as the model itself may be. Address and key of the request are for its provider alone. */
  #fallbackNamed(model: string, request: CheckedRequest, kept: NamedGroup[]): Group | undefined {
    if (this.limits.allowDestination === false) return undefined;
    const hasBase = request.apiBase !== undefined;
    const own = this.#findProvider(request.model, hasBase);
    const isSame = own !== undefined && this.#findProvider(model, hasBase)?.provider === own.provider;
    if (!isSame && !this.#findProvider(model, false)) return undefined;
    return this.#connectNamed(model, isSame ? request : {}, kept);
  }

  /** Connects a model that is not configured, and keeps it. */
  #connectNamed(
    model: string,
    { apiBase, apiKey }: Pick<CheckedRequest, "apiBase" | "apiKey">,
    kept: NamedGroup[],
  ): Group {
    const params = { model, api_base: apiBase, api_key: apiKey };
    return this.#keep(JSON.stringify([model, apiBase, apiKey]), kept, () => ({
      group: [this.#connect({ model_name: model, dheera_ai_params: params })],
      entries: [],
    }));
  }

  /** Connects a model that a wildcard stands for, with the parameters of its entries, and keeps it. */
  #connectWildcard(wildcard: string, model: string, kept: NamedGroup[]): Group {
    return this.#keep(JSON.stringify({ wildcard, model }), kept, () => {
      const entries = this.#wildcards.get(wildcard) ?? [];
      const group = entries.map((entry) => {
        const deployment = this.#connect(entry.entryFor(model), {
          id: entry.id,
          servedAs: model,
          budget: entry.budget,
        });
        entry.connected(deployment);
        return deployment;
      });
      return { group, entries };
    });
  }

  /** The most recently used are kept: what was learned of them is worth something, and callers may name any number. */
  #keep(key: string, kept: NamedGroup[], connect: () => Pick<NamedGroup, "group" | "entries">): Group {
    const named = this.#named.get(key) ?? { ...connect(), running: 0, isEvicted: false };
    named.running++;
    kept.push(named);
    this.#named.delete(key);
    this.#named.set(key, named);
    if (this.#named.size > mostNamed) this.#evictOldest();
    return named.group;
  }

  #evictOldest(): void {
    const [oldest] = this.#named;
    if (!oldest) return;
    const [key, named] = oldest;
    this.#named.delete(key);
    named.isEvicted = true;
    if (named.running === 0) this.#closeEvicted(named);
  }

  #closeEvicted({ group, entries }: NamedGroup): void {
    forget(entries, group);
    const eviction = closeAll(group)
      .catch(() => {})
      .finally(() => this.#evictions.delete(eviction));
    this.#evictions.add(eviction);
  }

  #refuseWhenClosed(): void {
    if (this.#closing) throw new DheeraError("invalid_request", "this instance was closed; create another one");
  }

  /** A request or a check has ended. */
  #ended(): void {
    if (--this.#running === 0) this.#closing?.allEnded();
  }

  #connect(
    entry: ModelEntry,
    { id = this.#idOf(entry), origin = entry, servedAs, budget }: Connecting = {},
  ): Deployment {
    const { model: fullName, api_base: apiBase, extra_headers: headers } = entry.dheera_ai_params;
    const { provider, model } = this.#providerOf(fullName, apiBase !== undefined);
    const settings = this.#options.router_settings ?? {};
    const own = this.#options.transportOf?.(origin);
    const http = (own ?? headers) ? createHttp(own ?? this.#options.transport, headers) : this.#http;
    return new Deployment(id, entry, provider, model, http, {
      servedAs,
      budget,
      allowedFails: settings.allowed_fails ?? defaults.allowedFails,
      cooldownTime: settings.cooldown_time ?? defaults.cooldownTime,
      disabled: settings.disable_cooldowns ?? false,
      maxQueuedDocuments: settings.max_queued_documents ?? defaults.maxQueuedDocuments,
      observer: this.observer,
      share: this.#options.share,
    });
  }

  #providerOf(fullName: string, hasBase: boolean): ProviderAndModel {
    const found = this.#findProvider(fullName, hasBase);
    if (!found) throw this.#unknown(fullName);
    return found;
  }

  #findProvider(fullName: string, hasBase: boolean): ProviderAndModel | undefined {
    const slash = fullName.indexOf("/");
    const prefixed = this.#providers.get(fullName.slice(0, Math.max(0, slash)));
    if (prefixed) return { provider: prefixed, model: fullName.slice(slash + 1) };
    const fallback = this.#providers.get(this.#options.defaultProvider ?? "");
    return hasBase && fallback ? { provider: fallback, model: fullName } : undefined;
  }

  #idOf(entry: ModelEntry): string {
    const { model_name: name, dheera_ai_params: own } = entry;
    const others = [
      ...(this.#groups.get(name) ?? []).map(({ params }) => params),
      ...(this.#wildcards.get(name) ?? []).map((other) => other.entry.dheera_ai_params),
    ];
    const isTwin = ({ model, api_base: base }: ModelParams): boolean => model === own.model && base === own.api_base;
    return idOfEntry(entry, others.filter(isTwin).length);
  }

  #unknownDeployment(id: string): DheeraError {
    const isMany = [...this.#wildcards.values()].flat().some((entry) => entry.id === id);
    return new DheeraError(
      "model_not_found",
      isMany
        ? `the deployment ${JSON.stringify(id)} stands for every model that a request names; it cannot be checked by itself`
        : `no deployment has the id ${JSON.stringify(id)}`,
    );
  }

  #unknown(model: string, param = "model"): DheeraError {
    const names = this.models();
    const providers = [...this.#providers.keys()].map((name) => `${name}/…`);
    const remedy =
      this.limits.allowDestination === false || names.length > 0
        ? `configured are: ${names.slice(0, 20).join(", ") || "none"}`
        : `use one of ${providers.join(", ")}, or give an api_base`;
    return new DheeraError(
      "model_not_found",
      `${param}: ${JSON.stringify(model.slice(0, 200))} is not known; ${remedy}`,
      {
        param,
      },
    );
  }
}

/** Which models may stand in for the one that was asked for. */
export type FallbackOptions = Pick<RerankOptions, "fallbackModels" | "requestFallbackModels">;

const noGroups: readonly Group[] = [];

interface ProviderAndModel {
  readonly provider: Provider;
  readonly model: string;
}

/** The right of one request to use deployments, until it is released. */
export interface GroupLease {
  readonly groups: readonly Group[];
  release(): void;
}

/** What a deployment has of the entry that it was made of, where that stands for many. */
interface Connecting extends Pick<DeploymentSettings, "servedAs" | "budget"> {
  readonly id?: string;
  /** As the configuration has it. */
  readonly origin?: ModelEntry;
}

interface NamedGroup {
  readonly group: Group;
  /** Those that it was made of, where a wildcard stands for its model. */
  readonly entries: readonly WildcardEntry[];
  /** Requests that use it. */
  running: number;
  /** Not kept any more: closed when the last of them ends. */
  isEvicted: boolean;
}

async function closeAll(deployments: readonly Deployment[]): Promise<void> {
  const closings = await Promise.allSettled(deployments.map((deployment) => deployment.close()));
  const failed = closings.find((closing) => closing.status === "rejected");
  if (failed) throw failed.reason;
}

/** Names come from the caller, and end up in an answer. */
function isShownName(name: string): boolean {
  return /^[\w-]{1,40}$/.test(name);
}
