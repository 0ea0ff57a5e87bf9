import { type CallResult, callOnce } from "./call-once.ts";
import { yieldToEventLoop, isLarge } from "../lib/yield-to-event-loop.ts";
import type { RequestContext } from "./context.ts";
import type { ScoreCall, ScoreKind, ScoreParams } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import { linkedAbort } from "../lib/linked-abort.ts";
import { sleep } from "../lib/abortable.ts";
import { acquireSlot } from "./acquire-slot.ts";
import { fitsOneCall } from "../plan/fits-one-call.ts";
import type { Batch, PlanInput } from "../plan/plan.ts";
import type { Pool } from "../routing/pool.ts";
import { Stopwatch } from "./stopwatch.ts";
import { OutcomeBuilder } from "./outcome-builder.ts";
import type { RetrySchedule } from "./retry-schedule.ts";

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
export function dispatch(work: Work, context: RequestContext): Promise<Outcome> {
  return new Dispatcher(work, context).run();
}

const none: ScoreCall["providerOptions"] = {};
const nobody: ReadonlySet<Deployment> = new Set();
/** Documents whose calls are begun in one go: beginning a call takes a while, and other requests wait for it. */
const mostBegun = 500;
/** Refused documents beyond which the request itself is at fault. */
const mostRefused = 16;

class Dispatcher {
  readonly #work: Work;
  readonly #context: RequestContext;
  readonly #outcome: OutcomeBuilder;
  readonly #stopwatch: Stopwatch;
  /** Several batches are under way, so that load decides where the next one goes. */
  #isSpread = false;

  constructor(work: Work, context: RequestContext) {
    this.#work = work;
    this.#context = context;
    this.#outcome = new OutcomeBuilder(work);
    this.#stopwatch = new Stopwatch(context.report);
  }

  async run(): Promise<Outcome> {
    const { signal } = this.#context;
    const { texts } = this.#work;
    if (isLarge(texts.length)) await yieldToEventLoop();
    if (signal.aborted) throw signal.reason;
    const planned = this.#plan(texts.map((_, position) => position));
    const batches = planned instanceof Promise ? await planned : planned;
    if (isLarge(texts.length)) await yieldToEventLoop();
    await this.#scoreAll(batches, signal);
    return this.#outcome.outcome();
  }

  #scoreAll(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    this.#stopwatch.start();
    const [only] = batches;
    return batches.length === 1 && only ? this.#scoreBatch(only, signal) : this.#scoreTogether(batches, signal);
  }

  /** When one batch fails for good the others stop. */
  async #scoreTogether(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    this.#isSpread = true;
    const all = linkedAbort(signal);
    const underWay: Promise<void>[] = [];
    let begun = 0;
    try {
      for (const batch of batches) {
        if (all.signal.aborted) break;
        // The first failure is the reason; what the others throw when they are stopped are echoes of it.
        underWay.push(this.#scoreBatch(batch, all.signal).catch(all.abort));
        begun += batch.length;
        if (begun < mostBegun) continue;
        begun = 0;
        await yieldToEventLoop();
      }
      await Promise.all(underWay);
      if (all.signal.aborted) throw all.signal.reason;
    } finally {
      all.close();
    }
  }

  #plan(positions: readonly number[]): readonly Batch[] | Promise<readonly Batch[]> {
    const { pool, query, texts } = this.#work;
    const { profile } = pool;
    const limits = pool.limits();
    if (profile.scoring === "listwise") {
      refuseUnsplittable(positions.length, limits.documentsPerCall);
      return [positions];
    }
    const input: PlanInput = {
      query,
      texts: positions.length === texts.length ? texts : positions.map((position) => texts[position] ?? ""),
      limits,
      spread: profile.billing === "per-search" ? 1 : pool.members(nobody).length,
      pads: profile.pads ?? false,
    };
    return fitsOneCall(input) ? [positions] : this.#split(positions, input);
  }

  async #split(positions: readonly number[], input: PlanInput): Promise<readonly Batch[]> {
    const { planBatches } = await import("../plan/plan.ts");
    const batches = planBatches(input);
    if (batches.length > 1 && this.#work.pool.profile.billing === "per-search")
      this.#outcome.warn(
        `the documents were sent in ${batches.length} calls because one call takes no more; each is billed as a search`,
      );
    return positions.length === this.#work.texts.length
      ? batches
      : batches.map((batch) => batch.map((position) => positions[position] ?? position));
  }

  /** One batch until it is scored: elsewhere first when a call fails, again after a pause when there is no elsewhere. */
  async #scoreBatch(batch: Batch, signal: AbortSignal): Promise<void> {
    const { pool } = this.#work;
    let tried = nobody;
    let schedule: RetrySchedule | undefined;
    for (let attempts = 0; ; attempts++) {
      const queuedAt = performance.now();
      const strategy = this.#isSpread ? "least-busy" : undefined;
      const taking = acquireSlot(pool, batch.length, tried, {
        strategy,
        flow: this.#context,
        signal,
        deadline: this.#context.deadline,
      });
      const deployment = taking instanceof Promise ? await taking : taking;
      let failure: DheeraError;
      this.#stopwatch.callBegins();
      try {
        return this.#keep(
          batch,
          await this.#call(deployment, batch, signal, attempts, performance.now() - queuedAt),
          deployment,
        );
      } catch (error) {
        if (!isDheeraError(error) || signal.aborted) throw error;
        failure = error;
      } finally {
        this.#stopwatch.callEnds();
      }
      if (failure.code === "provider_rejected") return this.#isolate(batch, signal, failure, deployment);
      if (!failure.retryable) throw failure;

      const failed = new Set([...tried, deployment]);
      tried = failed;
      schedule ??= new (await import("./retry-schedule.ts")).RetrySchedule(this.#work.settings, this.#context.deadline);
      const elsewhere = pool.members(tried).some((member) => !tried.has(member));
      if (failure.code === "provider_starting") {
        if (!elsewhere && pool.hasAlternative) throw failure;
      } else if (!elsewhere || schedule.count > 0) {
        const milliseconds = schedule.next(failure, deployment, pool.hasAlternative);
        if (pool.members(tried).length === 0) throw failure;
        await sleep(milliseconds, signal);
        tried = nobody;
      }
      this.#tellRetry(deployment, failure);
    }
  }

  #call(
    deployment: Deployment,
    batch: Batch,
    signal: AbortSignal,
    attempts: number,
    queued: number,
  ): Promise<CallResult> {
    const { query, texts, params, pool } = this.#work;
    const { report } = this.#context;
    const documents = batch.length === texts.length ? texts : batch.map((position) => texts[position] ?? "");
    const call: ScoreCall = { query, documents, params, providerOptions: none, signal };
    const facts = { modelName: pool.modelName, attempt: attempts, hedge: false, queued };
    if (attempts === 0) report.batches++;
    return deployment.params.hedge
      ? import("./hedge.ts").then(({ hedged }) => hedged(deployment, pool, call, this.#context, facts))
      : callOnce(deployment, call, this.#context, facts);
  }

  #keep(batch: Batch, result: CallResult, { id }: Deployment): void {
    const { report } = this.#context;
    report.deployment = id;
    report.tokens += result.usage?.inputTokens ?? 0;
    this.#outcome.keep(batch, result);
  }

  /** The server refused a batch for what is in it: smaller calls if it named a limit, else halves until the document is found. */
  async #isolate(batch: Batch, signal: AbortSignal, failure: DheeraError, deployment: Deployment): Promise<void> {
    const { profile } = this.#work.pool;
    if (failure.learned) {
      deployment.learn(failure.learned);
      const planned = profile.scoring === "pointwise" ? await this.#plan(batch) : [batch];
      if (planned.length > 1) return this.#scoreAll(planned, signal);
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
    const refused = this.#outcome.refuse(position);
    if (refused === texts.length || refused > Math.max(mostRefused, texts.length / 4)) throw failure;
    this.#outcome.warn(`${param} is ranked last because it was refused: ${failure.message}`);
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
