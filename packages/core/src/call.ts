import { type Attempted, attempt } from "./attempt.ts";
import { backoff } from "./backoff.ts";
import type { RequestContext } from "./context.ts";
import type { ScoreKind, ScoreParams } from "./contract.ts";
import type { Deployment } from "./deployment.ts";
import { DheeraError } from "./errors.ts";
import { enter } from "./gate.ts";
import { hedged } from "./hedge.ts";
import { pause, unlessAborted } from "./pause.ts";
import { type Batch, planBatches } from "./plan.ts";
import type { Pool } from "./pool.ts";

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

/** Refusals for overload beyond `num_retries`: they cost the server nothing, and the gate has made room since. */
const extraOverloadRetries = 8;
/** Refused documents beyond which the request itself is at fault. */
const mostRefused = 16;

class Calling {
  readonly #work: Work;
  readonly #context: RequestContext;
  /** Aborts every other batch when one fails for good. */
  readonly #controller = new AbortController();
  readonly #scores: Float64Array;
  readonly #warnings = new Set<string>();
  readonly #truncated: number[] = [];
  readonly #refused: number[] = [];
  #tokens: number | undefined;
  #scoreKind: ScoreKind;
  #searchUnits = 0;
  /** Several batches are under way, so that load decides where the next one goes. */
  #isSpread = false;
  #underWay = 0;
  #since = 0;

  constructor(work: Work, context: RequestContext) {
    this.#work = work;
    this.#context = context;
    this.#scores = new Float64Array(work.texts.length).fill(Number.NaN);
    this.#scoreKind = work.pool.profile.scoreKind;
  }

  async run(): Promise<Outcome> {
    const { texts, pool } = this.#work;
    const { signal } = this.#context;
    const onAbort = (): void => this.#controller.abort(signal.reason);
    if (signal.aborted) throw signal.reason;
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#scoreAll(texts.map((_, position) => position));
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    return {
      scores: this.#scores,
      scoreKind: this.#scoreKind,
      warnings: [...this.#warnings],
      truncated: this.#truncated,
      refused: this.#refused,
      ...(this.#tokens !== undefined && { tokens: this.#tokens }),
      ...(pool.profile.billing === "per-search" && { searchUnits: this.#searchUnits }),
    };
  }

  /** Plans and scores some of the texts. */
  async #scoreAll(positions: readonly number[]): Promise<void> {
    const batches = this.#plan(positions);
    if (batches.length === 1) return this.#scoreBatch(batches[0] ?? []);
    this.#isSpread = true;
    const ends = await Promise.allSettled(
      batches.map(async (batch) => {
        try {
          await this.#scoreBatch(batch);
        } catch (error) {
          this.#controller.abort(error);
          throw error;
        }
      }),
    );
    // The first to fail aborted the others: its error is the reason, theirs are echoes.
    if (ends.some((end) => end.status === "rejected")) throw this.#controller.signal.reason;
  }

  #plan(positions: readonly number[]): readonly Batch[] {
    const { pool, query, texts } = this.#work;
    const { profile } = pool;
    const limits = pool.limits();
    const isSplittable = profile.scoring === "pointwise";
    if (!isSplittable && limits.documentsPerCall !== undefined && positions.length > limits.documentsPerCall)
      throw new DheeraError(
        "invalid_request",
        `documents: this model compares all documents at once and takes at most ${limits.documentsPerCall}, not ${positions.length}; send fewer`,
        { param: "documents" },
      );
    if (!isSplittable) return [positions];
    const batches = planBatches({
      query,
      texts: positions.length === texts.length ? texts : positions.map((position) => texts[position] ?? ""),
      limits,
      spread: profile.billing === "per-search" ? 1 : pool.members(new Set()).length,
      pads: profile.pads ?? false,
    });
    if (batches.length > 1 && profile.billing === "per-search")
      this.#warnings.add(`the documents were sent in ${batches.length} calls because one call takes no more; each is billed as a search`);
    return batches.map((batch) => batch.map((position) => positions[position] ?? position));
  }

  /** One batch until it is scored: elsewhere first when a call fails, again after a pause when there is no elsewhere. */
  async #scoreBatch(batch: Batch): Promise<void> {
    const { pool, settings } = this.#work;
    const { signal } = this.#controller;
    const tried = new Set<Deployment>();
    let retries = 0;
    let overloads = 0;
    for (let attempts = 0; ; attempts++) {
      const queuedAt = performance.now();
      const deployment = await this.#place(batch.length, tried);
      let failure: DheeraError;
      try {
        return this.#keep(batch, await this.#call(deployment, batch, attempts, performance.now() - queuedAt));
      } catch (error) {
        if (!(error instanceof DheeraError) || signal.aborted) throw error;
        failure = error;
      }
      if (failure.code === "provider_rejected") return this.#isolate(batch, failure, deployment);
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
        if (isOverload ? overloads++ >= most + extraOverloadRetries : retries++ >= most) throw failure;
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
  async #place(documents: number, tried: ReadonlySet<Deployment>): Promise<Deployment> {
    const { pool } = this.#work;
    const { signal } = this.#controller;
    for (;;) {
      const members = pool.members(tried, this.#isSpread ? "least-busy" : undefined);
      if (members.length === 0) throw unavailable(pool.modelName);
      const awake = members.filter((member) => !member.waker.isWaking);
      if (awake.length === 0) {
        await unlessAborted(Promise.race(members.map((member) => member.waker.wake(undefined))), signal);
        continue;
      }
      const gates = awake.map((member) => member.gate);
      const gate = await enter(gates, documents, { flow: this.#context, signal, deadline: this.#context.deadline });
      const deployment = awake.find((member) => member.gate === gate);
      if (deployment && (awake.length === 1 || deployment.health.isOpen())) return deployment;
      // It began to cool down while we waited for it, and others did not.
      gate.leave(documents, false);
    }
  }

  async #call(deployment: Deployment, batch: Batch, attempts: number, queued: number): Promise<Attempted> {
    const { query, texts, params, pool } = this.#work;
    const { report } = this.#context;
    const call = {
      query,
      documents: batch.length === texts.length ? texts : batch.map((position) => texts[position] ?? ""),
      params,
      signal: this.#controller.signal,
    };
    const facts = { modelName: pool.modelName, attempt: attempts, hedge: false, queued };
    if (attempts === 0) report.batches++;
    if (this.#underWay++ === 0) this.#since = performance.now();
    try {
      const attempted = deployment.params.hedge
        ? await hedged(deployment, pool, call, this.#context, facts)
        : await attempt(deployment, call, this.#context, facts);
      report.deployment = deployment.id;
      return attempted;
    } finally {
      if (--this.#underWay === 0) report.upstreamMilliseconds += performance.now() - this.#since;
    }
  }

  #keep(batch: Batch, { scores, result }: Attempted): void {
    batch.forEach((position, index) => {
      this.#scores[position] = scores[index] ?? Number.NaN;
    });
    this.#scoreKind = result.scoreKind ?? this.#scoreKind;
    this.#searchUnits += Math.ceil(batch.length / 100);
    if (result.tokens !== undefined) {
      this.#tokens = (this.#tokens ?? 0) + result.tokens;
      this.#context.report.tokens += result.tokens;
    }
    for (const warning of result.warnings ?? []) this.#warnings.add(warning);
    for (const index of result.truncated ?? []) this.#truncated.push(batch[index] ?? index);
  }

  /** The server refused a batch for what is in it: smaller calls if it named a limit, else halves until the document is found. */
  async #isolate(batch: Batch, failure: DheeraError, deployment: Deployment): Promise<void> {
    const { profile } = this.#work.pool;
    if (failure.learned) {
      deployment.learn(failure.learned);
      if (profile.scoring === "pointwise" && this.#plan(batch).length > 1) return this.#scoreAll(batch);
    }
    if (batch.length === 1) return this.#refuse(batch[0] ?? 0, failure);
    if (profile.scoring === "listwise" || profile.billing === "per-search") throw failure;
    const middle = Math.ceil(batch.length / 2);
    // One after the other: when a document fails the request, the second half need not be asked at all.
    await this.#scoreBatch(batch.slice(0, middle));
    await this.#scoreBatch(batch.slice(middle));
  }

  #refuse(position: number, failure: DheeraError): void {
    const index = this.#work.documentOf(position);
    const param = `documents[${index}]`;
    if (this.#work.onDocumentError === "fail") throw DheeraError.from(failure, { param, message: `${param}: ${failure.message}` });
    this.#refused.push(position);
    this.#warnings.add(`${param} is ranked last because it was refused: ${failure.message}`);
    if (this.#refused.length === this.#work.texts.length || this.#refused.length > Math.max(mostRefused, this.#work.texts.length / 4))
      throw failure;
  }

  #tellRetry(deployment: Deployment, { code }: DheeraError): void {
    const { report, observer, callId } = this.#context;
    report.retries++;
    observer?.event?.({ type: "retry", callId, deployment: deployment.id, code });
  }
}

function unavailable(modelName: string): DheeraError {
  return new DheeraError("provider_overloaded", `no deployment of ${modelName} may be called at the moment; try again later`, {
    retryAfter: 1,
  });
}
