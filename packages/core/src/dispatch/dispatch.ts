import type { ScoreCall } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import type { Slot } from "../deployment/slot.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import { linkedAbort } from "../lib/linked-abort.ts";
import { yieldToEventLoop } from "../lib/yield-to-event-loop.ts";
import type { Batch } from "../plan/plan.ts";
import { type Plan, planTask } from "../plan/plan-task.ts";
import { acquireSlot, tryAcquireSlot } from "./acquire-slot.ts";
import { type CallResult, callOnce } from "./call-once.ts";
import type { RequestContext } from "./context.ts";
import { callWithHedge } from "./hedge.ts";
import { OutcomeBuilder } from "./outcome-builder.ts";
import { RetrySchedule } from "./retry-schedule.ts";
import { type ScoreOutcome, type ScoreTask, documentIndexOf } from "./score-task.ts";
import { Stopwatch } from "./stopwatch.ts";

/** Scores all texts of a task in the calls of its plan; the only step that waits for upstreams. @throws DheeraError */
export function dispatch(task: ScoreTask, plan: Plan, context: RequestContext): Promise<ScoreOutcome> {
  return new Dispatcher(task, context).run(plan);
}

/** Documents whose calls are begun in one go: beginning a call takes a while, and other requests wait for it. */
const mostBegun = 500;
/** Refused documents beyond which the request itself is at fault. */
const mostRefused = 16;
/** Documents of one search unit, by Cohere's rule. */
const documentsPerSearchUnit = 100;

class Dispatcher {
  readonly #task: ScoreTask;
  readonly #context: RequestContext;
  readonly #outcome: OutcomeBuilder;
  readonly #stopwatch: Stopwatch;
  /** Several batches are under way, so that load decides where the next one goes. */
  #isSpread = false;

  constructor(task: ScoreTask, context: RequestContext) {
    this.#task = task;
    this.#context = context;
    this.#outcome = new OutcomeBuilder(task.texts.length, task.pool.profile.scoreKind);
    this.#stopwatch = new Stopwatch(context.report);
  }

  async run(plan: Plan): Promise<ScoreOutcome> {
    await this.#scoreAll(plan, this.#context.signal);
    return this.#outcome.build();
  }

  #scoreAll({ batches, warning }: Plan, signal: AbortSignal): Promise<void> {
    if (warning !== undefined) this.#outcome.warn(warning);
    this.#stopwatch.start();
    const [only] = batches;
    return batches.length === 1 && only ? this.#scoreBatch(only, signal) : this.#scoreTogether(batches, signal);
  }

  /** When one batch fails for good the others stop. */
  async #scoreTogether(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    this.#isSpread = true;
    const all = linkedAbort(signal);
    const running: Promise<void>[] = [];
    let begun = 0;
    try {
      for (const batch of batches) {
        if (all.signal.aborted) break;
        // The first failure is the reason; what the others throw when they are stopped repeats it.
        running.push(this.#scoreBatch(batch, all.signal).catch(all.abort));
        begun += batch.length;
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

  /** One batch until it is scored: at another deployment first when a call fails, again after a pause when none is left. */
  async #scoreBatch(batch: Batch, signal: AbortSignal): Promise<void> {
    const { pool, retries: settings } = this.#task;
    const { deadline } = this.#context;
    const retries = new RetrySchedule(pool, settings, deadline);
    for (;;) {
      const queuedAt = performance.now();
      const options = {
        strategy: this.#isSpread ? ("least-busy" as const) : undefined,
        flow: this.#context,
        signal,
        deadline,
      };
      const slot =
        tryAcquireSlot(pool, batch.length, retries.tried, options) ??
        (await acquireSlot(pool, batch.length, retries.tried, options));
      const result = await this.#call(slot, batch, signal, retries.attempts, performance.now() - queuedAt);
      if (!isDheeraError(result)) return this.#add(batch, result, slot.deployment);
      if (result.code === "provider_rejected") return this.#isolate(batch, signal, result, slot.deployment);
      await retries.afterFailure(result, slot.deployment, signal);
      this.#reportRetry(slot.deployment, result);
    }
  }

  /** @returns what the call brought, or its failure. @throws when the batch was stopped. */
  async #call(
    slot: Slot<Deployment>,
    batch: Batch,
    signal: AbortSignal,
    attempt: number,
    queueMilliseconds: number,
  ): Promise<CallResult | DheeraError> {
    const { query, texts, params, pool, providerOptions } = this.#task;
    const { report } = this.#context;
    const { deployment } = slot;
    const call: ScoreCall = {
      query,
      documents: batch.length === texts.length ? texts : batch.map((position) => texts[position] ?? ""),
      params,
      providerOptions: deployment.optionsOf(providerOptions),
      signal,
    };
    const details = { modelName: pool.modelName, attempt, hedge: false, queueMilliseconds };
    if (attempt === 0) report.batches++;
    this.#stopwatch.callBegins();
    try {
      return await (deployment.params.hedge
        ? callWithHedge(slot, pool, call, this.#context, details)
        : callOnce(slot, call, this.#context, details));
    } catch (error) {
      if (!isDheeraError(error) || signal.aborted) throw error;
      return error;
    } finally {
      this.#stopwatch.callEnds();
    }
  }

  #add(batch: Batch, { scores, result, usage }: CallResult, { id, provider, scorer }: Deployment): void {
    const { report } = this.#context;
    report.deployment = id;
    if (this.#task.providerOptions?.[provider] && !scorer.takesProviderOptions)
      this.#outcome.warn(`provider_options.${provider} had no effect: this provider takes none`);
    report.tokens += usage?.inputTokens ?? 0;
    this.#outcome.add(batch, {
      scores,
      scoreKind: result.scoreKind,
      usage: this.#billed(usage, batch.length),
      warnings: result.warnings,
      truncated: result.truncated,
    });
  }

  /** What the upstream billed. Where it bills per search without naming units, its rule gives them: one for each call and 100 documents begun. */
  #billed(usage: CallResult["usage"], documents: number): CallResult["usage"] {
    if (this.#task.pool.profile.billing !== "per-search" || usage?.searchUnits !== undefined) return usage;
    return { ...usage, searchUnits: Math.ceil(documents / documentsPerSearchUnit) };
  }

  /** The server refused a batch for what is in it: smaller calls if it named a limit, else halves until the document is found. */
  async #isolate(batch: Batch, signal: AbortSignal, failure: DheeraError, deployment: Deployment): Promise<void> {
    const { scoring, billing } = this.#task.pool.profile;
    if (failure.learned) {
      deployment.learn(failure.learned);
      const plan = scoring === "pointwise" ? planTask(this.#task, batch) : { batches: [batch] };
      if (plan.batches.length > 1) return this.#scoreAll(plan, signal);
    }
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) return this.#refuse(first, failure);
    if (scoring === "listwise" || billing === "per-search") throw failure;
    const middle = Math.ceil(batch.length / 2);
    // One after the other: when a document fails the request, the second half need not be asked at all.
    await this.#scoreBatch(batch.slice(0, middle), signal);
    await this.#scoreBatch(batch.slice(middle), signal);
  }

  #refuse(position: number, failure: DheeraError): void {
    const { texts, onDocumentError } = this.#task;
    const param = `documents[${documentIndexOf(this.#task, position)}]`;
    if (onDocumentError === "fail") throw DheeraError.from(failure, { param, message: `${param}: ${failure.message}` });
    const refused = this.#outcome.refuse(position);
    if (refused === texts.length || refused > Math.max(mostRefused, texts.length / 4)) throw failure;
    this.#outcome.warn(`${param} is ranked last because it was refused: ${failure.message}`);
  }

  #reportRetry(deployment: Deployment, { code }: DheeraError): void {
    const { report, observer, callId } = this.#context;
    report.retries++;
    observer?.event?.({ type: "retry", callId, deployment: deployment.id, code });
  }
}
