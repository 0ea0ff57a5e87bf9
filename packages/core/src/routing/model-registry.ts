import type { Http, Provider } from "../contract.ts";
import { Deployment } from "../deployment/deployment.ts";
import type { RetrySettings } from "../dispatch/score-task.ts";
import { DheeraError } from "../errors.ts";
import { shortHash } from "../lib/short-hash.ts";
import type { Observer } from "../observer.ts";
import type { DheeraOptions, RerankOptions } from "../options.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { ScoreReuse } from "../reuse/reuse-scores.ts";
import { createHttp } from "../upstream/http.ts";
import { Fallbacks } from "./fallbacks.ts";
import type { Group, RouteSettings } from "./route.ts";
import type { ModelEntry, RequestLimits, RoutingStrategy } from "./settings.ts";

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
  readonly #options: DheeraOptions;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #http: Http;
  readonly #groups = new Map<string, Deployment[]>();
  /** Each configured deployment alone, for requests that name its id, as LiteLLM's do. Model names come first. */
  readonly #byId = new Map<string, Group>();
  /** Deployments that requests named themselves, least recently used first. */
  readonly #named = new Map<string, NamedGroup>();
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
    if (settings.fallbacks || settings.default_fallbacks) this.#fallbacks = new Fallbacks(settings);
    for (const entry of options.model_list ?? []) this.#add(entry);
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
    this.#refuseWhenClosed();
    const name = this.#options.router_settings?.model_group_alias?.[request.model] ?? request.model;
    const configured = this.#groups.get(name) ?? this.#byId.get(name);
    const isConfigured = configured !== undefined && request.apiBase === undefined;
    if (isConfigured && request.apiKey !== undefined)
      throw new DheeraError("invalid_request", "api_key: goes with an api_base, or with a model outside model_list", {
        param: "api_key",
      });
    if (!isConfigured && this.limits.allowDestination === false) throw this.#unknown(request.model);
    const fallbacks = this.#fallbacksOf(name, request, options);
    const named = isConfigured ? undefined : this.#connectNamed(name, request);
    this.#running++;
    return {
      groups: [named?.group ?? configured ?? [], ...fallbacks],
      release: () => {
        if (named && --named.running === 0 && named.isEvicted) this.#closeEvicted(named);
        this.#ended();
      },
    };
  }

  models(): readonly string[] {
    return [...this.#groups.keys(), ...Object.keys(this.#options.router_settings?.model_group_alias ?? {})];
  }

  deployments(): readonly Deployment[] {
    return [...this.#groups.values()].flat();
  }

  /**
   * Uses one configured deployment, which stays open meanwhile.
   * @throws DheeraError `model_not_found`; `invalid_request` after `close`.
   */
  async withDeployment(id: string, use: (deployment: Deployment) => Promise<void>): Promise<void> {
    this.#refuseWhenClosed();
    const deployment = this.deployments().find((other) => other.id === id);
    if (!deployment) throw new DheeraError("model_not_found", `no deployment has the id ${JSON.stringify(id)}`);
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

  #add(entry: ModelEntry): void {
    const deployment = this.#connect(entry);
    const group = this.#groups.get(entry.model_name);
    if (group) group.push(deployment);
    else this.#groups.set(entry.model_name, [deployment]);
    if (!this.#byId.has(deployment.id)) this.#byId.set(deployment.id, [deployment]);
  }

  #fallbacksOf(name: string, request: CheckedRequest, options: FallbackOptions): readonly Group[] {
    if (request.fallbacks) return this.#requestedFallbacks(name, request.fallbacks, options.requestFallbackModels);
    if (this.#fallbacks === undefined) return noGroups;
    return this.#fallbacks.of(name, options.fallbackModels).map((other) => this.#groups.get(other) ?? []);
  }

  /** @throws DheeraError `forbidden` or `model_not_found` for a name that the request may not use. */
  #requestedFallbacks(
    name: string,
    names: readonly string[],
    allowed: readonly string[] | undefined,
  ): readonly Group[] {
    const settings = this.#options.router_settings ?? {};
    const groups = names.map((other) => {
      const model = settings.model_group_alias?.[other] ?? other;
      const group = this.#groups.get(model) ?? this.#byId.get(model);
      if (allowed && !allowed.includes(other) && !allowed.includes(group?.[0]?.modelName ?? other))
        throw new DheeraError(
          "forbidden",
          `fallbacks: names ${JSON.stringify(other.slice(0, 200))}, a model that this key may not use`,
          { param: "fallbacks" },
        );
      if (!group) throw this.#unknown(other, "fallbacks");
      return { model, group };
    });
    return groups
      .filter(({ model }) => model !== name)
      .slice(0, settings.max_fallbacks)
      .map(({ group }) => group);
  }

  /** Connects a model that is not configured, and keeps it. */
  #connectNamed(model: string, { apiBase, apiKey }: CheckedRequest): NamedGroup {
    const key = JSON.stringify([model, apiBase, apiKey]);
    const params = { model, api_base: apiBase, api_key: apiKey };
    const named = this.#named.get(key) ?? {
      group: [this.#connect({ model_name: model, dheera_ai_params: params })],
      running: 0,
      isEvicted: false,
    };
    named.running++;
    this.#named.delete(key);
    this.#named.set(key, named);
    if (this.#named.size > mostNamed) this.#evictOldest();
    return named;
  }

  #evictOldest(): void {
    const [oldest] = this.#named;
    if (!oldest) return;
    const [key, named] = oldest;
    this.#named.delete(key);
    named.isEvicted = true;
    if (named.running === 0) this.#closeEvicted(named);
  }

  #closeEvicted({ group }: NamedGroup): void {
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

  #connect(entry: ModelEntry): Deployment {
    const { model: fullName, api_base: apiBase, extra_headers: headers } = entry.dheera_ai_params;
    const { provider, model } = this.#providerOf(fullName, apiBase !== undefined);
    const settings = this.#options.router_settings ?? {};
    const own = this.#options.transportOf?.(entry);
    const http = (own ?? headers) ? createHttp(own ?? this.#options.transport, headers) : this.#http;
    return new Deployment(this.#idOf(entry), entry, provider, model, http, {
      allowedFails: settings.allowed_fails ?? defaults.allowedFails,
      cooldownTime: settings.cooldown_time ?? defaults.cooldownTime,
      disabled: settings.disable_cooldowns ?? false,
      maxQueuedDocuments: settings.max_queued_documents ?? defaults.maxQueuedDocuments,
      observer: this.observer,
    });
  }

  #providerOf(fullName: string, hasBase: boolean): { readonly provider: Provider; readonly model: string } {
    const slash = fullName.indexOf("/");
    const prefixed = this.#providers.get(fullName.slice(0, Math.max(0, slash)));
    if (prefixed) return { provider: prefixed, model: fullName.slice(slash + 1) };
    const fallback = this.#providers.get(this.#options.defaultProvider ?? "");
    if (hasBase && fallback) return { provider: fallback, model: fullName };
    throw this.#unknown(fullName);
  }

  /** The configured id, or one made of everything but the key; a number keeps equal deployments apart. */
  #idOf({ model_name, model_info, dheera_ai_params: { model, api_base } }: ModelEntry): string {
    if (model_info?.id !== undefined) return model_info.id;
    const twins = (this.#groups.get(model_name) ?? []).filter(
      ({ params }) => params.model === model && params.api_base === api_base,
    ).length;
    return `${model_name}-${shortHash(JSON.stringify([model, api_base, twins]))}`;
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

/** The right of one request to use deployments, until it is released. */
export interface GroupLease {
  readonly groups: readonly Group[];
  release(): void;
}

interface NamedGroup {
  readonly group: Group;
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
