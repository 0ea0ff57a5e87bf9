import type { ScoreKind } from "../contract.ts";
import type { RequestContext } from "../dispatch/context.ts";
import { OutcomeBuilder, type SharedText } from "../dispatch/outcome-builder.ts";
import { type ComputeScores, type ScoreOutcome, type ScoreTask, selectTexts } from "../dispatch/score-task.ts";
import { isDheeraError } from "../errors.ts";
import { linkedAbort } from "../lib/waiting.ts";
import { stableJson } from "../lib/stable-json.ts";
import type { CacheControls } from "../request/api.ts";
import type { Pool } from "../routing/pool.ts";
import { lookUpInBatches, storeInBatches } from "./cache-batches.ts";
import { duplicatesOf } from "./deduplicate.ts";
import { InFlight, SharedJob, allFree } from "./in-flight.ts";
import type { CacheLookup, CacheScope, ScoreCache } from "./score-cache.ts";

/** Fingerprints come and go with revisions of models. */
const mostKinds = 10_000;
/**
 * Characters of what a kind is remembered by: a request may send megabytes of options, and they would stay in memory. Longer
 * ones are computed each time.
 */
const longestKindKey = 2_000;

/** Computes only what neither the cache knows nor another request is computing. */
export class CachedScores {
  readonly #cache: ScoreCache;
  /**
   * Work is shared by requests to the same deployments: others may have keys that are refused, or servers that fail.
   */
  readonly #inFlight = new WeakMap<Pool["group"], InFlight<ScoreOutcome>>();
  /** The kind of the last computed scores by what may change it: `raw_scores` and `provider_options`. A cache keeps numbers only. */
  readonly #kinds = new Map<string, ScoreKind>();

  constructor(cache: ScoreCache) {
    this.#cache = cache;
  }

  /** Scores of texts that do not depend on one another. */
  async texts(
    task: ScoreTask,
    controls: CacheControls,
    context: RequestContext,
    compute: ComputeScores,
  ): Promise<ScoreOutcome> {
    const scope = scopeOf(task, controls);
    const endLookup = this.#inFlightOf(task).beginLookup();
    let outcome: OutcomeBuilder;
    let gathering: Promise<void>;
    try {
      const maxAge = controls["s-maxage"] ?? undefined;
      const known = await lookUpInBatches(this.#cache, scope, task.texts, maxAge, context.signal);
      const lookup = await this.#confirmed(this.#discardUnusable(known, task, controls), task, context);
      outcome = new OutcomeBuilder(task.texts.length, this.#kindOf(task) ?? task.pool.profile.scoreKind);
      outcome.addKnown(lookup.scores);
      const unknown = outcome.missing();
      context.report.cacheHits += task.texts.length - unknown.length;
      if (unknown.length === 0) return outcome.build();
      const duplicates = duplicatesOf(task.texts, unknown);
      if (duplicates) outcome.addDuplicates(duplicates);
      // It looks for others' work before it first waits.
      gathering = this.#gatherAll(outcome, {
        task,
        controls,
        context,
        compute,
        scopeKey: JSON.stringify([scope.namespace, scope.fingerprint, scope.params, scope.query]),
        lookup,
      });
    } finally {
      endLookup();
    }
    await gathering;
    this.#rememberKind(task, outcome.scoreKind);
    return outcome.build();
  }

  async #gatherAll(outcome: OutcomeBuilder, part: Omit<Round, "leaving" | "joined">): Promise<void> {
    const { signal } = part.context;
    const leaving = linkedAbort(signal);
    const round: Round = { ...part, leaving: leaving.signal, joined: new Set() };
    try {
      for (let missing = outcome.missing(); missing.length > 0; missing = outcome.missing()) {
        if (signal.aborted) throw signal.reason;
        await this.#gather(missing, outcome, round);
      }
    } finally {
      leaving.close();
      leaving.abort(new DOMException("the request has ended", "AbortError"));
    }
  }

  /**
   * Computes what no other request is computing, and waits for what others do. Texts whose work failed with its owner
   * stay missing.
   */
  async #gather(missing: readonly number[], outcome: OutcomeBuilder, round: Round): Promise<void> {
    const { task, controls, scopeKey, joined } = round;
    const texts = missing.map((position) => task.texts[position] ?? "");
    // A request for fresh scores does not take another's, which may have begun before it.
    const { free, taken } = controls["no-cache"]
      ? allFree<ScoreOutcome>(texts)
      : this.#inFlightOf(task).find(scopeKey, texts, joined, round.context.background !== undefined);
    const own = free.map((position) => missing[position] ?? 0);
    const waits = own.length > 0 ? [this.#own(own, outcome, round)] : [];
    for (const [job, pairs] of taken) {
      joined.add(job);
      const ours = pairs.map(({ position, theirs }) => ({ position: missing[position] ?? 0, theirs }));
      waits.push(this.#join(job, ours, outcome, round));
    }
    await Promise.all(waits);
  }

  async #own(positions: readonly number[], outcome: OutcomeBuilder, round: Round): Promise<void> {
    const { controls, context, compute, scopeKey, lookup, leaving } = round;
    const task = selectTexts(round.task, positions);
    context.report.cacheMisses += positions.length;
    const background = context.background?.part();
    const work = async (signal: AbortSignal): Promise<ScoreOutcome> => {
      const computed = await compute(task, { ...context, signal, background });
      // Stored by the work itself: the request that began it may have ended.
      if (mayStore(computed, controls) && (!task.pool.mayChange || (await task.pool.confirms(signal))))
        await storeInBatches(lookup, positions, computed.scores, controls.ttl ?? undefined);
      return computed;
    };
    const job = new SharedJob(context.deadline, work, background, positions.length);
    this.#inFlightOf(task).claim(scopeKey, task.texts, job);
    outcome.add(positions, await job.join(leaving));
  }

  async #join(
    job: SharedJob<ScoreOutcome>,
    pairs: readonly SharedText[],
    outcome: OutcomeBuilder,
    { leaving, context }: Round,
  ): Promise<void> {
    if (!context.background) job.background?.raise(context);
    try {
      const theirs = await job.join(leaving);
      context.report.cacheHits += pairs.length;
      outcome.addShared(pairs, theirs);
    } catch (error) {
      // A failure of the server is this request's failure too. Its owner's cancellation, shorter deadline or bad
      // document is not: those texts stay missing and are computed by this request.
      const isOurs =
        isDheeraError(error) && error.retryable && error.code !== "timeout" && job.deadline >= context.deadline;
      if (leaving.aborted || isOurs) throw error;
    }
  }

  /** Scores of a listwise model hold only for exactly this list. */
  async list(
    task: ScoreTask,
    controls: CacheControls,
    context: RequestContext,
    compute: ComputeScores,
  ): Promise<ScoreOutcome> {
    const scope = { ...scopeOf(task, controls), list: task.texts };
    const known = await this.#cache.lookUp(scope, task.texts, controls["s-maxage"] ?? undefined);
    const lookup = await this.#confirmed(this.#discardUnusable(known, task, controls), task, context);
    const positions = [...task.texts.keys()];
    if (!lookup.scores.includes(Number.NaN)) {
      const outcome = new OutcomeBuilder(positions.length, this.#kindOf(task) ?? task.pool.profile.scoreKind);
      outcome.addKnown(lookup.scores);
      context.report.cacheHits += positions.length;
      return outcome.build();
    }
    context.report.cacheMisses += positions.length;
    const outcome = await compute(task, context);
    if (mayStore(outcome, controls)) lookup.store(positions, outcome.scores, controls.ttl ?? undefined);
    this.#rememberKind(task, outcome.scoreKind);
    return outcome;
  }

  /**
   * Scores that may not be used count as unknown. What is computed in their place is still stored, under the keys of
   * this lookup.
   */
  #discardUnusable(lookup: CacheLookup, task: ScoreTask, controls: CacheControls): CacheLookup {
    if (controls["no-cache"] || this.#kindOf(task) === undefined) lookup.scores.fill(Number.NaN);
    return lookup;
  }

  /** Known scores count only while the server serves the model that gave them, which not every server says unasked. */
  async #confirmed(lookup: CacheLookup, { pool }: ScoreTask, { signal }: RequestContext): Promise<CacheLookup> {
    const isKnown = lookup.scores.some((score) => !Number.isNaN(score));
    if (isKnown && pool.mayChange && !(await pool.confirms(signal))) lookup.scores.fill(Number.NaN);
    return lookup;
  }

  #inFlightOf({ pool }: ScoreTask): InFlight<ScoreOutcome> {
    const inFlight = this.#inFlight.get(pool.group) ?? new InFlight<ScoreOutcome>();
    this.#inFlight.set(pool.group, inFlight);
    return inFlight;
  }

  /**
   * Undefined where it is not known what the scores would be: for raw scores that another process computed, and for long
   * options.
   */
  #kindOf(task: ScoreTask): ScoreKind | undefined {
    const key = kindKey(task);
    if (key.length > longestKindKey) return undefined;
    return this.#kinds.get(key) ?? (task.params.rawScores ? undefined : task.pool.profile.scoreKind);
  }

  #rememberKind(task: ScoreTask, kind: ScoreKind): void {
    const key = kindKey(task);
    if (key.length > longestKindKey) return;
    if (this.#kinds.size >= mostKinds) this.#kinds.clear();
    this.#kinds.set(key, kind);
  }
}

/** What each round of gathering works with. */
interface Round {
  readonly task: ScoreTask;
  readonly controls: CacheControls;
  readonly context: RequestContext;
  readonly compute: ComputeScores;
  readonly scopeKey: string;
  readonly lookup: CacheLookup;
  /** Aborts when this request no longer waits for others. */
  readonly leaving: AbortSignal;
  /** Jobs of others that this request has waited for: what they left missing it computes itself. */
  readonly joined: Set<SharedJob<ScoreOutcome>>;
}

function mayStore({ keep }: ScoreOutcome, controls: CacheControls): boolean {
  return keep !== false && !controls["no-store"];
}

function scopeOf({ pool, params, providerOptions, query }: ScoreTask, { namespace }: CacheControls): CacheScope {
  const { truncate, truncationDirection, rawScores, maxTokensPerDocument, instruction } = params;
  const rendered = JSON.stringify([truncate, truncationDirection, rawScores, maxTokensPerDocument, instruction]);
  return {
    fingerprint: pool.profile.fingerprint,
    params: rendered + renderOptions(providerOptions),
    query,
    namespace: namespace ?? undefined,
  };
}

function kindKey({ pool, params, providerOptions }: ScoreTask): string {
  return `${params.rawScores ?? false} ${pool.profile.fingerprint}${renderOptions(providerOptions)}`;
}

function renderOptions(options: ScoreTask["providerOptions"]): string {
  return options === undefined ? "" : ` ${stableJson(options)}`;
}
