import type { CacheControls } from "../request/api.ts";
import type { Outcome, Work } from "../dispatch/dispatch.ts";
import type { RequestContext } from "../dispatch/context.ts";
import type { ScoreKind, ScoreParams } from "../contract.ts";
import { isDheeraError } from "../errors.ts";
import { linkedAbort } from "../lib/linked-abort.ts";
import { Gathered } from "./gathered.ts";
import { lookUpInBatches, storeInBatches } from "./cache-batches.ts";
import type { Compute, Recalled } from "./reuse-scores.ts";
import type { CacheScope, CacheLookup, ScoreCache } from "./score-cache.ts";
import type { Pool } from "../routing/pool.ts";
import { deduplicate } from "./deduplicate.ts";
import { SharedJob, SharedWork, type Taken, nobodyElse } from "./in-flight.ts";

/** Fingerprints come and go with revisions of models. */
const mostKinds = 10_000;

/** Computes only what neither the cache knows nor another request computes at this moment. */
export class CachedScores {
  readonly #cache: ScoreCache;
  /** Work is shared by requests to the same deployments: others may have keys that are refused, or better luck. */
  readonly #shared = new WeakMap<Pool["group"], SharedWork<Outcome>>();
  /** What the last computed scores of a scope were: `raw_scores` changes it, and a cache keeps numbers only. */
  readonly #kinds = new Map<string, ScoreKind>();

  constructor(cache: ScoreCache) {
    this.#cache = cache;
  }

  /** Scores of texts that do not depend on one another. */
  async texts(work: Work, controls: CacheControls, context: RequestContext, compute: Compute): Promise<Recalled> {
    const scope = scopeOf(work, controls);
    const looked = this.#sharedBy(work).ask();
    let gathered: Gathered;
    let gathering: Promise<void>;
    try {
      const known = await lookUpInBatches(
        this.#cache,
        scope,
        work.texts,
        controls["s-maxage"] ?? undefined,
        context.signal,
      );
      const lookup = this.#believe(known, work, controls);
      gathered = new Gathered(work, lookup, this.#kindOf(work) ?? work.pool.profile.scoreKind);
      const unknown = gathered.missing();
      context.report.cacheHits += work.texts.length - unknown.length;
      if (unknown.length === 0) return gathered.recalled();
      gathered.repeat(repetitions(work.texts, unknown));
      const scopeKey = JSON.stringify([scope.namespace, scope.fingerprint, scope.params, scope.query]);
      // It looks for others' work before it first waits.
      gathering = this.#gatherAll(gathered, { work, controls, context, compute, scopeKey, lookup });
    } finally {
      looked();
    }
    await gathering;
    this.#rememberKind(work, gathered.scoreKind);
    return gathered.recalled();
  }

  async #gatherAll(gathered: Gathered, part: Omit<Round, "leaving">): Promise<void> {
    const { signal } = part.context;
    const leaving = linkedAbort(signal);
    try {
      for (let missing = gathered.missing(); missing.length > 0; missing = gathered.missing()) {
        if (signal.aborted) throw signal.reason;
        await this.#gather(missing, gathered, { ...part, leaving: leaving.signal });
      }
    } finally {
      leaving.close();
      leaving.abort(new DOMException("the request has ended", "AbortError"));
    }
  }

  /** Computes what nobody computes yet, and waits for what others do. Texts whose work failed with its owner stay missing. */
  async #gather(missing: readonly number[], gathered: Gathered, round: Round): Promise<void> {
    const { work, controls, scopeKey } = round;
    const texts = missing.map((position) => work.texts[position] ?? "");
    // Who wants fresh scores does not want another's, which may be older than the wish.
    const { free, taken } = controls["no-cache"]
      ? nobodyElse<Outcome>(texts)
      : this.#sharedBy(work).find(scopeKey, texts);
    const schedule: Promise<void>[] = [];
    if (free.length > 0)
      schedule.push(
        this.#own(
          free.map((position) => missing[position] ?? 0),
          gathered,
          round,
        ),
      );
    for (const [job, pairs] of taken) {
      const mine = pairs.map(({ position, theirs }) => ({ position: missing[position] ?? 0, theirs }));
      schedule.push(this.#join(job, mine, gathered, round));
    }
    await Promise.all(schedule);
  }

  async #own(
    positions: readonly number[],
    gathered: Gathered,
    { work, controls, context, compute, scopeKey, lookup, leaving }: Round,
  ): Promise<void> {
    const texts = positions.map((position) => work.texts[position] ?? "");
    const part = { ...work, texts, documentOf: (position: number) => work.documentOf(positions[position] ?? position) };
    context.report.cacheMisses += texts.length;
    const job = new SharedJob(context.deadline, async (signal) => {
      const outcome = await compute(part, { ...context, signal });
      // Remembered by the work itself: whoever began it may have gone away.
      if (!controls["no-store"]) await storeInBatches(lookup, positions, outcome.scores, controls.ttl ?? undefined);
      return outcome;
    });
    this.#sharedBy(work).claim(scopeKey, texts, job);
    gathered.computed(positions, await job.join(leaving));
  }

  async #join(
    job: SharedJob<Outcome>,
    pairs: readonly Taken[],
    gathered: Gathered,
    { leaving, context }: Round,
  ): Promise<void> {
    try {
      const outcome = await job.join(leaving);
      context.report.cacheHits += pairs.length;
      gathered.shared(pairs, outcome);
    } catch (error) {
      // What befell the server befell us as well. Its owner's cancellation, haste or bad document did not: those texts are ours to compute now.
      const isOurs =
        isDheeraError(error) && error.retryable && error.code !== "timeout" && job.deadline >= context.deadline;
      if (leaving.aborted || isOurs) throw error;
    }
  }

  /** Scores of a listwise model hold only for exactly this list. */
  async list(work: Work, controls: CacheControls, context: RequestContext, compute: Compute): Promise<Recalled> {
    const scope = { ...scopeOf(work, controls), list: work.texts };
    const known = await this.#cache.lookUp(scope, work.texts, controls["s-maxage"] ?? undefined);
    const lookup = this.#believe(known, work, controls);
    const gathered = new Gathered(work, lookup, this.#kindOf(work) ?? work.pool.profile.scoreKind);
    const positions = work.texts.map((_, position) => position);
    if (gathered.missing().length === 0) {
      context.report.cacheHits += positions.length;
      return gathered.recalled();
    }
    context.report.cacheMisses += positions.length;
    const outcome = await compute(work, context);
    if (!controls["no-store"]) lookup.store(positions, outcome.scores, controls.ttl ?? undefined);
    this.#rememberKind(work, outcome.scoreKind);
    return outcome;
  }

  /** What is computed afresh is still remembered, under the keys made here. */
  #believe(lookup: CacheLookup, work: Work, controls: CacheControls): CacheLookup {
    if (controls["no-cache"] || this.#kindOf(work) === undefined) lookup.scores.fill(Number.NaN);
    return lookup;
  }

  #sharedBy({ pool }: Work): SharedWork<Outcome> {
    const shared = this.#shared.get(pool.group) ?? new SharedWork<Outcome>();
    this.#shared.set(pool.group, shared);
    return shared;
  }

  /** Undefined for raw scores that another process computed: nobody knows whether that model could give them. */
  #kindOf({ pool, params }: Work): ScoreKind | undefined {
    return this.#kinds.get(kindKey(pool, params)) ?? (params.rawScores ? undefined : pool.profile.scoreKind);
  }

  #rememberKind(work: Work, kind: ScoreKind): void {
    if (this.#kinds.size >= mostKinds) this.#kinds.clear();
    this.#kinds.set(kindKey(work.pool, work.params), kind);
  }
}

/** Positions of texts that stand at an earlier one of these positions already, and where. */
function repetitions(texts: readonly string[], positions: readonly number[]): ReadonlyMap<number, number> {
  const { sources = [] } = deduplicate(positions.map((position) => texts[position] ?? "")) ?? {};
  const firsts: number[] = [];
  const repeated = new Map<number, number>();
  for (const [at, source] of sources.entries()) {
    const position = positions[at] ?? at;
    const first = (firsts[source] ??= position);
    if (first !== position) repeated.set(position, first);
  }
  return repeated;
}

/** What one round of gathering works with. */
interface Round {
  readonly work: Work;
  readonly controls: CacheControls;
  readonly context: RequestContext;
  readonly compute: Compute;
  readonly scopeKey: string;
  readonly lookup: CacheLookup;
  /** Aborts when this request no longer waits for others. */
  readonly leaving: AbortSignal;
}

function scopeOf({ pool, params, query }: Work, { namespace }: CacheControls): CacheScope {
  const { truncate, truncationDirection, rawScores, maxTokensPerDocument, instruction } = params;
  return {
    fingerprint: pool.profile.fingerprint,
    params: JSON.stringify([truncate, truncationDirection, rawScores, maxTokensPerDocument, instruction]),
    query,
    namespace: namespace ?? undefined,
  };
}

function kindKey(pool: Pool, params: ScoreParams): string {
  return `${params.rawScores ?? false} ${pool.profile.fingerprint}`;
}
