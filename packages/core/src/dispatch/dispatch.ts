import type { ScoreCall } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import type { Slot } from "../deployment/slot.ts";
import { DheeraError } from "../errors.ts";
import { linkedAbort, yieldToEventLoop } from "../lib/waiting.ts";
import type { Batch } from "../plan/plan-batches.ts";
import { type Plan, planTask } from "../plan/plan-task.ts";
import type { CheckedResult } from "../provider/check-result.ts";
import type { SlotOptions } from "../routing/pool.ts";
import { callOnce } from "./call-once.ts";
import { type RequestContext, Stopwatch } from "./context.ts";
import { callWithHedge } from "./hedge.ts";
import { type BatchScorer, isForDocuments, isolatePoisonDocument } from "./isolate-poison-document.ts";
import { OutcomeBuilder, areAllInOrder } from "./outcome-builder.ts";
import { RetrySchedule } from "./retry-schedule.ts";
import { type ScoreOutcome, type ScoreTask, callerIndexOf } from "./score-task.ts";

/** Scores all texts of a task in the calls of its plan; the only step that waits for upstreams. @throws DheeraError */
export function dispatch(task: ScoreTask, plan: Plan, context: RequestContext): Promise<ScoreOutcome> {
  const dispatcher = new Dispatcher(task, context);
  return dispatcher.scoreAll(plan, context.signal).then(() => dispatcher.outcome.build());
}

/** Documents whose calls are begun in one go: beginning a call takes a while, and other requests wait for it. */
const mostBegun = 500;
/**
 * Documents of one request that wait for admission at one time. The others follow: they would only take room that other
 * requests need, and a server is kept busy by fewer.
 */
const mostWaiting = 1_000;

class Dispatcher implements BatchScorer {
  readonly task: ScoreTask;
  readonly outcome: OutcomeBuilder;
  readonly #context: RequestContext;
  readonly #stopwatch: Stopwatch;
  /** Whether a batch may be sent in parts. */
  readonly #isDivisible: boolean;
  /** Several batches run, so that load decides where the next one goes. */
  #isSpread = false;
  /** Documents that wait for admission. */
  #waiting = 0;
  /** Documents of batches that have not begun. */
  #toCome = 0;
  /** Called when few enough documents wait. */
  #onFewWaiting: (() => void)[] = [];

  constructor(task: ScoreTask, context: RequestContext) {
    this.task = task;
    const { scoreKind, scoring, billing } = task.pool.profile;
    this.outcome = new OutcomeBuilder(task.texts.length, scoreKind);
    this.#isDivisible = scoring === "pointwise" && billing !== "per-search";
    this.#context = context;
    this.#stopwatch = context.stopwatch ?? new Stopwatch(context.report);
  }

  /** Scores all batches of a plan. */
  scoreAll({ batches, warning }: Plan, signal: AbortSignal): Promise<void> {
    if (warning !== undefined) this.outcome.warn(warning);
    this.#stopwatch.start();
    const [only] = batches;
    return batches.length === 1 && only ? this.scoreBatch(only, signal) : this.#scoreTogether(batches, signal);
  }

  /** When one batch fails for good the others stop. */
  async #scoreTogether(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    this.#isSpread = true;
    const all = linkedAbort(signal);
    const running: Promise<void>[] = [];
    let begun = 0;
    for (const batch of batches) this.#toCome += batch.length;
    try {
      for (const batch of batches) {
        if (all.signal.aborted) break;
        this.#toCome -= batch.length;
        // The first failure is the reason; what the others throw when they are stopped repeats it.
        running.push(this.scoreBatch(batch, all.signal).catch(all.abort));
        begun += batch.length;
        if (this.#waiting >= mostWaiting) await this.#fewWaiting();
        if (begun < mostBegun) continue;
        begun = 0;
        await yieldToEventLoop();
      }
      await Promise.all(running);
      if (all.signal.aborted) throw all.signal.reason;
    } finally {
      all.close();
    }
  }

  /**
   * One batch until it is scored: at another deployment first when a call fails, again after a pause when none is left,
   * in parts when it is larger than what the servers turn out to have places for.
   */
  async scoreBatch(batch: Batch, signal: AbortSignal): Promise<void> {
    const { pool, retries: settings } = this.task;
    const { deadline } = this.#context;
    let retries: RetrySchedule | undefined;
    const sameCall = {};
    for (;;) {
      const queuedAt = performance.now();
      const options: SlotOptions = {
        tried: retries?.tried,
        strategy: this.#isSpread ? "least-busy" : undefined,
        flow: this.#context,
        toCome: this.#toCome,
        signal,
        deadline,
        // Who can serve the request instead is not kept waiting for the parts of a batch that was refused.
        divisible: this.#isDivisible && !(retries && pool.hasAlternative()),
      };
      const slot = pool.tryAcquire(batch.length, options) ?? (await this.#acquire(batch.length, options));
      if (!slot) return this.#scoreInParts(batch, signal);
      const { deployment } = slot;
      let failure: DheeraError;
      this.#stopwatch.callBegins();
      try {
        const result = await this.#call(
          slot,
          batch,
          { signal, sameCall },
          retries?.attempts ?? 0,
          performance.now() - queuedAt,
        );
        return this.#add(batch, result, deployment);
      } catch (error) {
        if (!(error instanceof DheeraError) || signal.aborted) throw error;
        failure = error;
      } finally {
        this.#stopwatch.callEnds();
      }
      if (isForDocuments(failure)) return isolatePoisonDocument(batch, failure, deployment, this, signal);
      retries ??= new RetrySchedule(pool, settings, deadline);
      await retries.afterFailure(failure, deployment, signal);
      this.#reportRetry(deployment, failure);
    }
  }

  /** The servers have fewer places than the batch has documents. */
  #scoreInParts(batch: Batch, signal: AbortSignal): Promise<void> {
    const plan = planTask(this.task, batch);
    // A deployment that cannot be called now may have more places.
    return this.scoreAll(plan.batches.length > 1 ? plan : { batches: halvesOf(batch) }, signal);
  }

  async #acquire(documents: number, options: SlotOptions): Promise<Slot<Deployment> | undefined> {
    this.#waiting += documents;
    try {
      return await this.task.pool.acquire(documents, options);
    } finally {
      this.#waiting -= documents;
      if (this.#waiting < mostWaiting) for (const goOn of this.#onFewWaiting.splice(0)) goOn();
    }
  }

  /** When the request ends, those that wait end with it. */
  #fewWaiting(): Promise<void> {
    return new Promise((resolve) => this.#onFewWaiting.push(resolve));
  }

  #call(
    slot: Slot<Deployment>,
    batch: Batch,
    attempts: Pick<ScoreCall, "signal" | "sameCall">,
    attempt: number,
    queueMilliseconds: number,
  ): Promise<CheckedResult> {
    const { query, texts, params, pool, providerOptions } = this.task;
    const { report, callLog } = this.#context;
    const { deployment } = slot;
    const call: ScoreCall = {
      query,
      documents: areAllInOrder(batch, texts.length) ? texts : batch.map((position) => texts[position] ?? ""),
      params,
      providerOptions: deployment.optionsOf(providerOptions),
      ...attempts,
    };
    const documents = callLog && documentsOf(this.task, batch);
    const details = { modelName: pool.modelName, attempt, hedge: false, queueMilliseconds, documents };
    if (attempt === 0) report.batches++;
    return deployment.params.hedge || pool.group.length > 1 || pool.hasAlternative()
      ? callWithHedge(slot, pool, call, this.#context, details)
      : callOnce(slot, call, this.#context, details);
  }

  #add(batch: Batch, result: CheckedResult, { id, provider, scorer }: Deployment): void {
    const { report } = this.#context;
    const { usage } = result;
    report.deployment = id;
    report.scored += batch.length;
    report.tokens += usage?.inputTokens ?? 0;
    if (this.task.providerOptions?.[provider] && !scorer.takesProviderOptions)
      this.outcome.warn(`provider_options.${provider} had no effect: this provider takes none`);
    this.outcome.add(batch, result);
  }

  #reportRetry(deployment: Deployment, { code }: DheeraError): void {
    const { report, observer, callId } = this.#context;
    report.retries++;
    observer?.event?.({ type: "retry", callId, deployment: deployment.id, code });
  }
}

/** The caller's documents of a batch; chunks of one document stand beside each other. */
function documentsOf(task: ScoreTask, batch: Batch): readonly number[] {
  return [...new Set(batch.map((position) => callerIndexOf(task, position)))];
}

function halvesOf(batch: Batch): readonly Batch[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}
