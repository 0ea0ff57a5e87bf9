import {
  type ChildProcesses,
  DheeraError,
  type Profile,
  type ScoreCall,
  type Scorer,
  type ScoreResult,
  type Target,
} from "@dheera-ai/core";
import { abortable, type Environment, rememberSuccess } from "@dheera-ai/core/provider-utils";

import type { Places } from "../model/find-model.ts";
import type { Children } from "../process/children.ts";
import type { Connection, SharedChildren } from "../process/shared-children.ts";
import type { Parameters } from "./parameters.ts";
import type { PreparedModel } from "./prepare-model.ts";
import { profileOf } from "./profile.ts";
import { toResult } from "./to-result.ts";

/** Milliseconds for which a call waits for a model that is starting, before the caller is told so. */
const startPatienceMs = 2_000;
/** Milliseconds for which the profile waits for a fingerprint: weights in a folder are read to their end for it. */
const profilePatienceMs = 3_000;
/** Seconds that reading weights of some gigabytes takes. */
const prepareSeconds = 5;

/** One deployment of a model in the process. */
export class LocalScorer implements Scorer {
  readonly #target: Target;
  readonly #connection: Connection;
  readonly #parameters: Parameters;
  readonly #places: Places;
  /** Runtimes without child processes can import the package all the same. */
  readonly #host = rememberSuccess(() => import("./prepare-model.ts"));
  #preparing: Promise<Ready> | undefined;
  /** What that promise has brought. */
  #ready: Ready | undefined;
  #isClosed = false;

  constructor(target: Target, parameters: Parameters, places: Places, shared: Pick<SharedChildren, "connect">) {
    this.#target = target;
    this.#parameters = parameters;
    this.#places = places;
    this.#connection = shared.connect(
      JSON.stringify([target.model, parameters, places.directory, cacheFolders(places.environment)]),
    );
    // Imported now, because files may not be readable later, when clients hold every file descriptor.
    this.#host().catch(() => {});
    if (parameters.warm) this.#startSoon();
  }

  profile(): Profile | Promise<Profile> {
    return (
      this.#ready?.profile ??
      within(profilePatienceMs, this.#prepare(), () => this.#starting(prepareSeconds)).then(({ profile }) => profile)
    );
  }

  /** A model in a folder may be replaced while it sleeps. One that serves has its weights in memory. */
  confirm(signal: AbortSignal): Profile | Promise<Profile> {
    return this.#ready?.children.isServing
      ? this.#ready.profile
      : abortable(this.#current(), signal).then(({ profile }) => profile);
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
    await abortable(this.#start(), signal);
  }

  /** Starts nothing and asks nothing of the child, which would count as use: a model that nobody asks may sleep. */
  async check(signal: AbortSignal): Promise<void> {
    this.#refuseWhenClosed();
    if (!this.#ready) return abortable(this.#examine(), signal);
    const { children } = this.#ready;
    if (children.failure !== undefined) throw children.failure;
    if (children.isStarting) throw this.#starting(children.secondsLeft);
  }

  processes(): ChildProcesses {
    return this.#ready?.children.processes ?? none;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connection.release();
  }

  /** @throws DheeraError `provider_starting` where the model takes longer than a call should wait */
  async #serving(signal: AbortSignal): Promise<Ready> {
    this.#refuseWhenClosed();
    if (this.#ready?.children.isServing) return this.#ready;
    return within(startPatienceMs, abortable(this.#start(), signal), () =>
      this.#starting(this.#ready?.children.secondsLeft ?? prepareSeconds),
    );
  }

  /** Goes on where nobody waits for it any more. */
  async #start(): Promise<Ready> {
    const ready = await this.#current();
    await ready.children.start();
    return ready;
  }

  /** The model as its files are now, which counts for what is about to start. */
  async #current(): Promise<Ready> {
    const ready = await this.#prepare();
    const { isUnchanged } = await this.#host();
    if (ready.children.isServing || (await isUnchanged(ready.model))) return ready;
    if (this.#ready === ready) this.#forget();
    return this.#prepare();
  }

  /** Once for all who ask; a failure is forgotten, so that what is put there later is found. */
  #prepare(): Promise<Ready> {
    if (this.#preparing) return this.#preparing;
    const preparing = this.#prepareAnew();
    this.#preparing = preparing;
    preparing.catch(() => this.#preparing === preparing && this.#forget());
    return preparing;
  }

  async #prepareAnew(): Promise<Ready> {
    const [target, parameters, places] = [this.#target, this.#parameters, this.#places];
    const { prepareModel, createChildren } = await this.#host();
    const model = await prepareModel(target.model, parameters, places);
    this.#refuseWhenClosed();
    const key = JSON.stringify([model.fingerprint, model.description, model.peers]);
    const children = this.#connection.take(key, () => createChildren(model, parameters, places));
    this.#ready = { model, children, profile: profileOf(model, parameters, target) };
    return this.#ready;
  }

  async #examine(): Promise<void> {
    const { examineModel } = await this.#host();
    await examineModel(this.#target.model, this.#parameters, this.#places);
  }

  #forget(): void {
    this.#preparing = undefined;
    this.#ready = undefined;
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
      this.#current()
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

/** Before the model is known. */
const none: ChildProcesses = { serving: 0, starting: 0, isFailing: false, memory: 0, ends: {} };

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
