import { type Attempted, attempt } from "./attempt.ts";
import { backoff } from "./backoff.ts";
import { breathe } from "./breathe.ts";
import type { RequestContext } from "./context.ts";
import type { ScoreKind, ScoreParams } from "./contract.ts";
import type { Deployment } from "./deployment.ts";
import { DheeraError } from "./errors.ts";
import { follow } from "./follow.ts";
import { enter } from "./gate.ts";
import { pause, unlessAborted } from "./pause.ts";
import { type Batch, planBatches } from "./plan.ts";
import type { Pool } from "./pool.ts";
import { Tally } from "./tally.ts";

/** What is to be scored by one pool. */
export interface Work {
  readonly pool: Pool;
  readonly query: string;
  readonly texts: readonly string[];
  readonly params: ScoreParams;
  /** `warn`: what the model refuses alone gets no score instead of failing the rest. */
  readonly onDocumentError: "fail" | "warn";
  /** The caller's document that a position of `texts` belongs to. */
  readonly documentOf: (position: number) => number;
  readonly settings: CallSettings;
}

export interface CallSettings {
  readonly numRetries: number;
  /** Seconds. */
  readonly retryAfter: number;
}

/** Scores in the order of `texts`, NaN where the model refused a text. */
export interface Outcome {
  readonly scores: Float64Array;
  readonly scoreKind: ScoreKind;
  readonly tokens?: number;
  readonly warnings: readonly string[];
  /** Positions that the server says it cut. */
  readonly truncated: readonly number[];
  /** Positions that the model refused. */
  readonly refused: readonly number[];
  /** Search units billed, where the upstream bills per search: one for each call and 100 documents begun. */
  readonly searchUnits?: number;
}

/** Scores all texts, in as many calls as the limits ask for; the only step that waits. @throws DheeraError */
export function callUpstream(work: Work, context: RequestContext): Promise<Outcome> {
  return new Calling(work, context).run();
}

/** Refusals for overload beyond `num_retries`, where nobody else could serve: they cost the server nothing, and the gate has made room since. */
export const extraOverloadRetries = 8;
/** Refused documents beyond which the request itself is at fault. */
const mostRefused = 16;

class Calling {
  readonly #work: Work;
  readonly #context: RequestContext;
  readonly #tally: Tally;
  /** Several batches are under way, so that load decides where the next one goes. */
  #isSpread = false;
  #underWay = 0;
  /** When calls began to be under way, or ceased to be. */
  #since = 0;

  constructor(work: Work, context: RequestContext) {
    this.#work = work;
    this.#context = context;
    this.#tally = new Tally(work);
  }

  async run(): Promise<Outcome> {
    const { signal } = this.#context;
    await breathe(this.#work.texts.length);
    if (signal.aborted) throw signal.reason;
    await this.#scoreAll([...this.#work.texts.keys()], signal);
    return this.#tally.outcome();
  }

  /** Plans and scores some of the texts. When one batch fails for good the others stop. */
  async #scoreAll(positions: readonly number[], signal: AbortSignal): Promise<void> {
    const batches = this.#plan(positions);
    if (this.#underWay === 0) this.#since = performance.now();
    const [only] = batches;
    if (batches.length === 1 && only) return this.#scoreBatch(only, signal);
    this.#isSpread = true;
    const all = follow(signal);
    try {
      // The first failure is the reason; what the others throw when they are stopped are echoes of it.
      await Promise.all(batches.map((batch) => this.#scoreBatch(batch, all.signal).catch(all.abort)));
      if (all.signal.aborted) throw all.signal.reason;
    } finally {
      all.close();
    }
  }

  #plan(positions: readonly number[]): readonly Batch[] {
    const { pool, query, texts } = this.#work;
    const { profile } = pool;
    const limits = pool.limits();
    if (profile.scoring === "listwise") {
      refuseUnsplittable(positions.length, limits.documentsPerCall);
      return [positions];
    }
    const batches = planBatches({
      query,
      texts: positions.length === texts.length ? texts : positions.map((position) => texts[position] ?? ""),
      limits,
      spread: profile.billing === "per-search" ? 1 : pool.members(new Set()).length,
      pads: profile.pads ?? false,
    });
    if (batches.length > 1 && profile.billing === "per-search")
      this.#tally.warn(`the documents were sent in ${batches.length} calls because one call takes no more; each is billed as a search`);
    return positions.length === texts.length ? batches : batches.map((batch) => batch.map((position) => positions[position] ?? position));
  }

  /** One batch until it is scored: elsewhere first when a call fails, again after a pause when there is no elsewhere. */
  async #scoreBatch(batch: Batch, signal: AbortSignal): Promise<void> {
    const { pool, settings } = this.#work;
    const tried = new Set<Deployment>();
    let retries = 0;
    let overloads = 0;
    for (let attempts = 0; ; attempts++) {
      const queuedAt = performance.now();
      const deployment = await this.#place(batch.length, tried, signal);
      let failure: DheeraError;
      try {
        return this.#tally.keep(batch, await this.#call(deployment, batch, signal, attempts, performance.now() - queuedAt));
      } catch (error) {
        if (!(error instanceof DheeraError) || signal.aborted) throw error;
        failure = error;
      }
      if (failure.code === "provider_rejected") return this.#isolate(batch, signal, failure, deployment);
      if (!failure.retryable) throw failure;

      tried.add(deployment);
      const elsewhere = pool.members(tried).some((member) => !tried.has(member));
      if (failure.code === "provider_starting") {
        if (!elsewhere && pool.hasAlternative) throw failure;
        this.#tellRetry(deployment, failure);
        continue;
      }
      if (!elsewhere) {
        const isOverload = failure.code === "provider_overloaded";
        const most = deployment.params.max_retries ?? settings.numRetries;
        const mostOverloads = most + (pool.hasAlternative ? 0 : extraOverloadRetries);
        if (isOverload ? overloads++ >= mostOverloads : retries++ >= most) throw failure;
        if (pool.hasAlternative && pool.members(tried).length === 0) throw failure;
        const milliseconds = backoff(isOverload ? overloads : retries, Math.max(settings.retryAfter, failure.retryAfter ?? 0));
        if (Date.now() + milliseconds > this.#context.deadline) throw failure;
        await pause(milliseconds, signal);
        tried.clear();
      }
      this.#tellRetry(deployment, failure);
    }
  }

  /** Takes a place at the best deployment that has one, after waiting for one if need be. */
  async #place(documents: number, tried: ReadonlySet<Deployment>, signal: AbortSignal): Promise<Deployment> {
    const { pool } = this.#work;
    const { deadline } = this.#context;
    for (;;) {
      const members = pool.members(tried, this.#isSpread ? "least-busy" : undefined);
      if (members.length === 0) throw unavailable(pool.modelName);
      const awake = members.filter((member) => !member.waker.isWaking);
      if (awake.length === 0) {
        await unlessAborted(Promise.race(members.map((member) => member.waker.wake(undefined))), signal);
        continue;
      }
      const gates = awake.map((member) => member.gate);
      const entering = enter(gates, documents, { flow: this.#context, signal, deadline });
      const gate = entering instanceof Promise ? await entering : entering;
      const deployment = awake.find((member) => member.gate === gate);
      if (deployment && (deployment.health.isOpen() || !awake.some((member) => member.health.isOpen()))) return deployment;
      // It began to cool down while we waited for it, and others did not.
      gate.leave(documents, false);
    }
  }

  async #call(deployment: Deployment, batch: Batch, signal: AbortSignal, attempts: number, queued: number): Promise<Attempted> {
    const { query, texts, params, pool } = this.#work;
    const { report } = this.#context;
    const documents = batch.length === texts.length ? texts : batch.map((position) => texts[position] ?? "");
    const call = { query, documents, params, signal };
    const facts = { modelName: pool.modelName, attempt: attempts, hedge: false, queued };
    if (attempts === 0) report.batches++;
    if (this.#underWay++ === 0) report.queueMilliseconds += this.#elapsed();
    try {
      const attempted = deployment.params.hedge
        ? await (await import("./hedge.ts")).hedged(deployment, pool, call, this.#context, facts)
        : await attempt(deployment, call, this.#context, facts);
      report.deployment = deployment.id;
      report.tokens += attempted.tokens ?? 0;
      return attempted;
    } finally {
      if (--this.#underWay === 0) report.upstreamMilliseconds += this.#elapsed();
    }
  }

  /** Milliseconds since the last time it was asked. */
  #elapsed(): number {
    const before = this.#since;
    this.#since = performance.now();
    return this.#since - before;
  }

  /** The server refused a batch for what is in it: smaller calls if it named a limit, else halves until the document is found. */
  async #isolate(batch: Batch, signal: AbortSignal, failure: DheeraError, deployment: Deployment): Promise<void> {
    const { profile } = this.#work.pool;
    if (failure.learned) {
      deployment.learn(failure.learned);
      if (profile.scoring === "pointwise" && this.#plan(batch).length > 1) return this.#scoreAll(batch, signal);
    }
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) return this.#refuse(first, failure);
    if (profile.scoring === "listwise" || profile.billing === "per-search") throw failure;
    const middle = Math.ceil(batch.length / 2);
    // One after the other: when a document fails the request, the second half need not be asked at all.
    await this.#scoreBatch(batch.slice(0, middle), signal);
    await this.#scoreBatch(batch.slice(middle), signal);
  }

  #refuse(position: number, failure: DheeraError): void {
    const { texts, onDocumentError, documentOf } = this.#work;
    const param = `documents[${documentOf(position)}]`;
    if (onDocumentError === "fail") throw DheeraError.from(failure, { param, message: `${param}: ${failure.message}` });
    const refused = this.#tally.refuse(position);
    if (refused === texts.length || refused > Math.max(mostRefused, texts.length / 4)) throw failure;
    this.#tally.warn(`${param} is ranked last because it was refused: ${failure.message}`);
  }

  #tellRetry(deployment: Deployment, { code }: DheeraError): void {
    const { report, observer, callId } = this.#context;
    report.retries++;
    observer?.event?.({ type: "retry", callId, deployment: deployment.id, code });
  }
}

function refuseUnsplittable(documents: number, most: number = Infinity): void {
  if (documents <= most) return;
  const message = `documents: this model compares all documents at once and takes at most ${most}, not ${documents}; send fewer`;
  throw new DheeraError("invalid_request", message, { param: "documents" });
}

function unavailable(modelName: string): DheeraError {
  return new DheeraError("provider_overloaded", `no deployment of ${modelName} may be called at the moment; try again later`, {
    retryAfter: 1,
  });
}
