import type { ChildProcesses, Profile, Provider, ScoreCall, Scorer, ScoreResult, Target } from "../contract.ts";
import { DheeraError } from "../errors.ts";
import { sleep } from "../lib/waiting.ts";
import { upstreamError } from "../upstream/upstream-error.ts";

/** The part of a scorer in which it blocked the event loop. */
export type BlockedStep = "profile" | "score" | "wake" | "countTokens";

/** Told when a provider kept the event loop to itself for longer than anybody should. */
export type OnBlocked = (during: BlockedStep, milliseconds: number) => void;

/** Milliseconds without a break after which a provider is reported. Shorter ones may be the doing of a busy machine. */
const longestStepMs = 1_000;
/** Milliseconds that closing waits for calls that do not end when their signal aborts. */
const closeTimeoutMs = 5_000;

/**
 * A provider's scorer as the rest of core calls it: nothing is thrown that is not a promise's rejection, its own time on
 * the event loop is watched, and it closes after its last call has ended.
 */
export class GuardedScorer implements Scorer {
  readonly wake: Scorer["wake"];
  readonly countTokens: Scorer["countTokens"];
  readonly asksDetails: Scorer["asksDetails"];
  readonly #scorer: Scorer;
  readonly #onBlocked: OnBlocked;
  /** Calls that run, counted where closing has to wait for them. */
  #running = 0;
  /** One function for all calls. */
  readonly #ended = (): void => {
    if (--this.#running === 0) this.#allEnded?.();
  };
  #allEnded: (() => void) | undefined;

  constructor(scorer: Scorer, onBlocked: OnBlocked) {
    this.#scorer = scorer;
    this.#onBlocked = onBlocked;
    if (scorer.wake) this.wake = (signal) => this.#call("wake", async () => scorer.wake?.(signal));
    if (scorer.asksDetails) this.asksDetails = (options, params) => asksDetails(scorer, options, params);
    if (scorer.countTokens)
      this.countTokens = (texts, signal) => this.#call("countTokens", async () => scorer.countTokens?.(texts, signal));
  }

  /** A provider that is loaded late has this and `check` from then on. */
  get confirm(): Scorer["confirm"] {
    if (!this.#scorer.confirm) return undefined;
    return (signal) => {
      const answer = this.#scorer.confirm?.(signal) ?? this.#scorer.profile(signal);
      return isThenable(answer) ? this.#track(answer) : answer;
    };
  }

  get check(): Scorer["check"] {
    return this.#scorer.check && ((signal) => this.#track(this.#scorer.check?.(signal)));
  }

  processes(): ChildProcesses | undefined {
    return this.#scorer.processes?.();
  }

  get takesProviderOptions(): boolean {
    return this.#scorer.takesProviderOptions === true;
  }

  profile(signal: AbortSignal): Profile | Promise<Profile> {
    const began = performance.now();
    try {
      const answer = this.#scorer.profile(signal);
      return isThenable(answer) ? this.#track(answer) : answer;
    } catch (error) {
      return Promise.reject(error);
    } finally {
      this.#watch("profile", began);
    }
  }

  score(call: ScoreCall): Promise<ScoreResult> {
    const began = performance.now();
    try {
      return this.#track(this.#scorer.score(call));
    } catch (error) {
      return Promise.reject(error);
    } finally {
      this.#watch("score", began);
    }
  }

  /** A request that was cancelled does not wait for its calls, but what they use must not go away under them. */
  async close(): Promise<void> {
    if (!this.#scorer.close) return;
    if (this.#running > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#allEnded = resolve;
      const done = new AbortController();
      await Promise.race([promise, sleep(closeTimeoutMs, done.signal)]);
      done.abort();
    }
    await this.#scorer.close();
  }

  #call<T>(step: BlockedStep, run: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const answer = this.#track(run());
    this.#watch(step, began);
    return answer;
  }

  /** What runs before the provider first waits runs on nobody's time but the event loop's. */
  #watch(step: BlockedStep, began: number): void {
    const milliseconds = performance.now() - began;
    if (milliseconds >= longestStepMs) this.#onBlocked(step, milliseconds);
  }

  #track<T>(answer: T | PromiseLike<T>): Promise<T> {
    const call = answer instanceof Promise ? answer : Promise.resolve(answer);
    if (!this.#scorer.close) return call;
    this.#running++;
    call.then(this.#ended, this.#ended);
    return call;
  }
}

/** One that throws asks for them: the call itself then says what is wrong. */
function asksDetails(scorer: Scorer, options: ScoreCall["providerOptions"], params: ScoreCall["params"]): boolean {
  try {
    return scorer.asksDetails?.(options, params) ?? false;
  } catch {
    return true;
  }
}

/**
 * Connects a provider to a target.
 * @throws DheeraError, which names the provider also where that threw something else or gave no scorer.
 */
export function connectProvider(provider: Provider, target: Target, onBlocked: OnBlocked): GuardedScorer {
  return new GuardedScorer(connect(provider, target), onBlocked);
}

function connect(provider: Provider, target: Target): Scorer {
  let scorer: unknown;
  try {
    scorer = provider.connect(target);
  } catch (error) {
    const failure = upstreamError(error, provider.name);
    if (!failure.defect) throw failure;
    throw DheeraError.from(failure, { message: `connect of the provider ${provider.name} has a programming error` });
  }
  if (isScorer(scorer)) return scorer;
  throw new DheeraError(
    "provider_failed",
    `connect of the provider ${provider.name} gave no scorer: an object with the functions profile and score`,
    { provider: provider.name, defect: true },
  );
}

function isScorer(value: unknown): value is Scorer {
  if (typeof value !== "object" || value === null) return false;
  return (
    "profile" in value && typeof value.profile === "function" && "score" in value && typeof value.score === "function"
  );
}

/** A promise of another library, or of another realm, is one too. */
function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
