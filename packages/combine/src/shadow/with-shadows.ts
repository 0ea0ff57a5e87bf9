import {
  type Dheera,
  DheeraError,
  type DheeraOptions,
  type ModelEntry,
  type RequestReport,
  type RerankOptions,
  type RerankRequest,
  type RerankResponse,
  type ShadowOutcome,
  findWildcard,
  isDheeraError,
  isWildcard,
  newReport,
} from "@dheera-ai/core";

import { compareRankings } from "./compare-rankings.ts";
import { lowestPriority, shadowRequest } from "./shadow-request.ts";
import { type ShadowSettings, readShadow } from "./shadow-settings.ts";
import { ShadowSpending } from "./spending.ts";
import { textUnits } from "./text-units.ts";

/** The models that have a shadow, and who is told of what was compared. */
export interface ShadowOptions extends Pick<DheeraOptions, "model_list" | "router_settings" | "observer"> {
  /** What was spent today by an instance that this one replaces. */
  readonly spending?: ShadowSpending | undefined;
  /** Decides who is sampled: from 0 to 1, without 1. */
  readonly random?: () => number;
}

/**
 * The same instance, which sends a part of the answered requests to a second model as well, where an entry has `shadow`.
 * The answer is never later for it, never another one, and no failure of the second model is the caller's.
 * @throws DheeraError `invalid_request` for a `shadow` that means nothing, or a model that is not configured
 */
export function withShadows(dheera: Dheera, options: ShadowOptions): Dheera {
  const shadows = readShadows(options.model_list ?? [], dheera.models());
  if (shadows.size === 0) return dheera;
  const runner = new ShadowRunner(dheera, shadows, options);
  const rerank = (request: RerankRequest, given: RerankOptions = {}): Promise<RerankResponse> => {
    const started = performance.now();
    const report = given.report ?? newReport();
    return dheera.rerank(request, { ...given, report }).then((response) => {
      runner.answered({ request, options: given, report, response, milliseconds: performance.now() - started });
      return response;
    });
  };
  const close = async (): Promise<void> => {
    await runner.close();
    await dheera.close();
  };
  return {
    ...dheera,
    // The documents that come back are the caller's own, as they are without a shadow.
    rerank: rerank as Dheera["rerank"],
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** One request that was answered. */
interface Answered {
  readonly request: RerankRequest;
  readonly options: RerankOptions;
  readonly report: RequestReport;
  readonly response: RerankResponse;
  readonly milliseconds: number;
}

/** UTF-16 units of the texts that all shadows together may hold. */
const mostUnits = 32_000_000;
const defaultK = 10;

class ShadowRunner {
  readonly #dheera: Dheera;
  readonly #shadows: ReadonlyMap<string, ShadowSettings>;
  readonly #options: ShadowOptions;
  readonly #spending: ShadowSpending;
  readonly #random: () => number;
  /** The model names of the configuration. */
  readonly #names: ReadonlySet<string>;
  readonly #closing = new AbortController();
  /** Of each pair: those that run, and those that wait until their answer is given. */
  readonly #taken = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  #units = 0;

  constructor(dheera: Dheera, shadows: ReadonlyMap<string, ShadowSettings>, options: ShadowOptions) {
    this.#dheera = dheera;
    this.#shadows = shadows;
    this.#options = options;
    this.#spending = options.spending ?? new ShadowSpending();
    this.#random = options.random ?? Math.random;
    this.#names = new Set(dheera.models());
  }

  /** Called while the caller waits: decides, and leaves all else for later. Never throws: the answer is the caller's. */
  answered(answered: Answered): void {
    try {
      this.#decide(answered);
    } catch {
      // Code of somebody's, such as `afterAnswer`: the answer is not worse for it.
    }
  }

  #decide(answered: Answered): void {
    const modelName = this.#nameOf(answered);
    const settings = this.#shadows.get(modelName);
    if (!settings || this.#closing.signal.aborted || this.#random() >= settings.sample) return;
    const { response, options } = answered;
    if (response.meta.reranked === false || response.results.length === 0) return;
    const pair: Pair = { key: JSON.stringify([modelName, settings.model]), modelName, settings };
    if (response.meta.diversified) return this.#drop(pair, answered, "diversified");
    const taken = this.#taken.get(pair.key) ?? 0;
    if (taken >= settings.max_parallel) return this.#drop(pair, answered, "max_parallel");
    this.#taken.set(pair.key, taken + 1);
    // The caller may change its list once it has the answer.
    const kept = { ...answered, request: { ...answered.request, documents: [...answered.request.documents] } };
    const letGo = (): void => void this.#taken.set(pair.key, (this.#taken.get(pair.key) ?? 1) - 1);
    let hasBegun = false;
    const begin = (): void => {
      if (hasBegun) return;
      hasBegun = true;
      const run = this.#begin(pair, kept)
        .catch(() => {})
        .finally(() => {
          this.#running.delete(run);
          letGo();
        });
      this.#running.add(run);
    };
    try {
      (options.afterAnswer ?? inLaterTurn)(begin);
    } catch (error) {
      if (!hasBegun) letGo();
      hasBegun = true;
      throw error;
    }
  }

  /** Takes no more, and gives up those that run. */
  async close(): Promise<void> {
    this.#closing.abort(new DOMException("the instance was closed", "AbortError"));
    await Promise.all(this.#running);
  }

  /** Never rejects. */
  async #begin(pair: Pair, answered: Answered): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { settings, key } = pair;
    const units = textUnits([answered.request.query, answered.request.documents], mostUnits);
    if (this.#units + units > mostUnits) return this.#drop(pair, answered, "memory");
    if (this.#isBusy(settings.model)) return this.#drop(pair, answered, "busy");
    // This one is among those that are taken.
    const running = (this.#taken.get(key) ?? 1) - 1;
    const refusal = this.#spending.whyNot(key, settings.max_cost_per_day, units, running);
    if (refusal) return this.#drop(pair, answered, refusal);
    this.#units += units;
    try {
      await this.#ask(pair, answered, units);
    } finally {
      this.#units -= units;
    }
  }

  async #ask(pair: Pair, answered: Answered, units: number): Promise<void> {
    const { settings, key } = pair;
    const { request, options, response } = answered;
    const report = newReport();
    const started = performance.now();
    let shadow: RerankResponse | undefined;
    let failure: unknown;
    try {
      shadow = await this.#dheera.rerank(shadowRequest(request, settings.model, settings.timeout), {
        callId: `${response.id}-shadow`,
        tenant: { id: "shadow", priority: lowestPriority },
        cacheNamespace: options.cacheNamespace,
        signal: this.#closing.signal,
        report,
      });
    } catch (error) {
      failure = error;
    }
    // Servers that bill nobody need no price.
    const cost = report.unpricedCalls > report.freeCalls ? undefined : report.cost;
    this.#spending.add(key, cost, units);
    if (this.#closing.signal.aborted) return;
    if (!shadow || shadow.meta.reranked === false)
      return this.#tell(pair, answered, {
        outcome: "failed",
        reason: isDheeraError(failure) ? failure.code : (report.passthrough ?? "internal"),
      });
    const first = Number(request.top_n ?? request.top_k ?? defaultK);
    const isFresh = report.cacheHits === 0 && answered.report.cacheHits === 0;
    this.#tell(pair, answered, {
      outcome: "compared",
      ...compareRankings(response.results, shadow.results, first),
      // Scores that were known tell nothing of how long a model takes.
      ...(isFresh && {
        milliseconds: answered.milliseconds,
        shadowMilliseconds: performance.now() - started,
      }),
      cost: response.usage?.cost,
      shadowCost: cost,
    });
  }

  /** The model name that has answered, as the configuration has it: a fallback's is its own. */
  #nameOf({ response, report }: Answered): string {
    const name = report.combinedModel ?? response.model;
    return this.#names.has(name) ? name : (this.#dheera.wildcardOf(name) ?? name);
  }

  /** Whether requests wait for the model already: those are callers'. */
  #isBusy(model: string): boolean {
    return this.#dheera
      .deployments()
      .some(({ modelName, documentsQueued }) => modelName === model && documentsQueued > 0);
  }

  #drop(pair: Pair, answered: Answered, reason: DropReason): void {
    this.#tell(pair, answered, { outcome: "dropped", reason });
  }

  #tell({ modelName, settings }: Pair, { response }: Answered, what: ShadowOutcome): void {
    const event = { type: "shadow", callId: response.id, modelName, shadow: settings.model, ...what } as const;
    try {
      this.#options.observer?.event?.(event);
    } catch {
      // An observer's own fault is nothing that a caller asked for.
    }
  }
}

interface Pair {
  readonly key: string;
  readonly modelName: string;
  readonly settings: ShadowSettings;
}

type DropReason = Extract<ShadowOutcome, { outcome: "dropped" }>["reason"];

/** By model name; where several deployments share one, the first that says it. */
function readShadows(entries: readonly ModelEntry[], models: readonly string[]): ReadonlyMap<string, ShadowSettings> {
  const shadows = new Map<string, ShadowSettings>();
  for (const { model_name: name, dheera_ai_params: params } of entries) {
    if (params.shadow === undefined || params.shadow === null) continue;
    const settings = readShadow(params.shadow);
    const refusal = whyNoShadow(name, settings.model, models);
    if (refusal !== undefined)
      throw new DheeraError("invalid_request", `shadow.model: ${refusal}`, { param: "shadow.model" });
    if (!shadows.has(name)) shadows.set(name, settings);
  }
  return shadows;
}

/** Why a model name cannot be the shadow of another; undefined where it can. */
export function whyNoShadow(name: string, shadow: string, models: readonly string[]): string | undefined {
  if (shadow === name) return `${JSON.stringify(name)} would be compared with itself; name another model`;
  if (models.includes(shadow) || findWildcard(models.filter(isWildcard), shadow) !== undefined) return undefined;
  return `${JSON.stringify(shadow)} is no model name of model_list; there are ${models.join(", ")}`;
}

/** A timer waits for a whole turn of the event loop, in which the caller goes on. */
function inLaterTurn(run: () => void): void {
  setTimeout(run, 0);
}
