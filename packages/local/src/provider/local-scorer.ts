import { DheeraError, type Profile, type ScoreCall, type Scorer, type ScoreResult, type Target } from "@dheera-ai/core";
import { abortable, type Environment, rememberSuccess } from "@dheera-ai/core/provider-utils";

import type { Places } from "../model/find-model.ts";
import type { Children } from "../process/children.ts";
import type { Connection, SharedChildren } from "../process/shared-children.ts";
import type { Parameters } from "./parameters.ts";
import type { PreparedModel } from "./prepare-model.ts";
import { profileOf } from "./profile.ts";
import { toResult } from "./to-result.ts";

/** Milliseconds for which a call waits for a model that is starting, before the caller is told so. */
const startPatienceMs = 1_000;
/** Milliseconds for which the profile waits for a fingerprint: weights in a folder are read to their end for it. */
const profilePatienceMs = 2_000;

/** One deployment of a model in the process. */
export class LocalScorer implements Scorer {
  readonly #target: Target;
  readonly #connection: Connection;
  readonly #prepare: () => Promise<Ready>;
  readonly #examine: () => Promise<void>;
  #ready: Ready | undefined;
  #isClosed = false;

  constructor(target: Target, parameters: Parameters, places: Places, shared: SharedChildren) {
    this.#target = target;
    this.#connection = shared.connect(
      JSON.stringify([target.model, parameters, places.directory, cacheFolders(places.environment)]),
    );
    this.#prepare = rememberSuccess(async () => {
      // Runtimes without child processes can import the package all the same.
      const { prepareModel, createChildren } = await import("./prepare-model.ts");
      const model = await prepareModel(target.model, parameters, places);
      this.#refuseWhenClosed();
      const key = JSON.stringify([model.fingerprint, model.description, model.peers]);
      const children = this.#connection.take(key, () => createChildren(model, parameters, places));
      this.#ready = { model, children, profile: profileOf(model, parameters, target) };
      return this.#ready;
    });
    this.#examine = async () => {
      const { examineModel } = await import("./prepare-model.ts");
      await examineModel(target.model, parameters, places);
    };
    if (parameters.warm) this.#startSoon();
  }

  profile(): Profile | Promise<Profile> {
    return this.#ready?.profile ?? this.#prepareWithin(profilePatienceMs).then(({ profile }) => profile);
  }

  async score(call: ScoreCall): Promise<ScoreResult> {
    call.signal.throwIfAborted();
    const { children, model } = await this.#serving(call.signal);
    const { query, documents, params } = call;
    const scored = await children.score(
      {
        query,
        documents,
        truncate: params.truncate ?? true,
        truncationDirection: params.truncationDirection ?? "right",
        maxTokensPerDocument: params.maxTokensPerDocument,
      },
      call.signal,
    );
    return toResult(scored, model.description, params);
  }

  async countTokens(texts: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
    const { children } = await this.#serving(signal);
    return children.count(texts, signal);
  }

  async wake(signal: AbortSignal): Promise<void> {
    this.#refuseWhenClosed();
    const { children } = await abortable(this.#prepare(), signal);
    await abortable(children.start(), signal);
  }

  /** Starts nothing: a model that nobody asks may sleep. One that serves scores a tiny pair. */
  async check(signal: AbortSignal): Promise<void> {
    this.#refuseWhenClosed();
    if (!this.#ready) return abortable(this.#examine(), signal);
    const { children } = this.#ready;
    if (children.failure !== undefined) throw children.failure;
    if (children.isStarting) throw this.#starting(children.secondsLeft);
    if (children.isServing) await children.score(tinyPair, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connection.release();
  }

  /** @throws DheeraError `provider_starting` where the model takes longer than a call should wait */
  async #serving(signal: AbortSignal): Promise<Ready> {
    this.#refuseWhenClosed();
    const ready = this.#ready ?? (await abortable(this.#prepareWithin(startPatienceMs), signal));
    const { children } = ready;
    if (!children.isServing)
      await within(startPatienceMs, abortable(children.start(), signal), () => this.#starting(children.secondsLeft));
    return ready;
  }

  #prepareWithin(milliseconds: number): Promise<Ready> {
    return within(milliseconds, this.#prepare(), () => this.#starting(5));
  }

  #starting(retryAfter: number): DheeraError {
    return new DheeraError("provider_starting", `local/${this.#target.model} is being loaded`, {
      provider: "local",
      retryAfter,
    });
  }

  /** In the next turn of the event loop: who connects only to check the parameters closes at once. */
  #startSoon(): void {
    setImmediate(() => {
      if (this.#isClosed) return;
      this.#prepare()
        .then(({ children }) => children.start("background"))
        // The first call says what is wrong.
        .catch(() => {});
    }).unref();
  }

  #refuseWhenClosed(): void {
    if (!this.#isClosed) return;
    throw new DheeraError("provider_failed", `local/${this.#target.model} was closed; connect it again`, {
      provider: "local",
    });
  }
}

const tinyPair = {
  query: "ready?",
  documents: ["ready"],
  truncate: true,
  truncationDirection: "right",
  maxTokensPerDocument: undefined,
} as const;

interface Ready {
  readonly model: PreparedModel;
  readonly children: Children;
  readonly profile: Profile;
}

/** What the promise brings, or the error where it takes longer; it goes on all the same. */
function within<T>(milliseconds: number, promise: Promise<T>, otherwise: () => Error): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(otherwise()), milliseconds);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The variables that decide where the Hub's cache is. */
function cacheFolders(environment: Environment): readonly (string | undefined)[] {
  return ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME", "USERPROFILE"].map((name) => environment[name]);
}
