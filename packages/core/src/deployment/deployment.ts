import type { ChildProcesses, Http, Limits, Price, Profile, Provider, Target } from "../contract.ts";
import type { RequestContext } from "../dispatch/context.ts";
import { DheeraError, type ErrorCode } from "../errors.ts";
import { readDiversify } from "../diversify/read-diversity.ts";
import { frozenCopy } from "../lib/frozen-copy.ts";
import { abortable } from "../lib/waiting.ts";
import { stableJson } from "../lib/stable-json.ts";
import type { Observer } from "../observer.ts";
import { checkProfile } from "../provider/check-profile.ts";
import { type BlockedStep, type GuardedScorer, connectProvider } from "../provider/guarded-scorer.ts";
import type { Calibration } from "../response/calibration.ts";
import { readCalibration } from "../response/read-calibration.ts";
import type { ModelEntry } from "../routing/settings.ts";
import { upstreamError } from "../upstream/upstream-error.ts";
import { AdmissionController, MinuteBudget } from "./admission.ts";
import { Allowance } from "./allowance.ts";
import { Health, type HealthSettings, Latency } from "./health.ts";
import { narrower } from "./limits.ts";
import { type ModelParams, configuredLimits, paramsOfProvider } from "./params.ts";
import { configuredPrice } from "./price.ts";
import type { DeploymentBudget, DeploymentHealth, ShareDeployment, SharedDeployment } from "./sharing.ts";
import type { CallAccounts, CallCounters } from "./slot.ts";
import { Silence } from "./silence.ts";
import { WarmUp } from "./warm-up.ts";

/** What is known of one deployment, fit to be shown: no key. */
export interface DeploymentStatus {
  readonly id: string;
  readonly modelName: string;
  readonly provider: string;
  readonly model: string;
  readonly apiBase?: string;
  /**
   * `starting`: the server loads its model or wakes up. `cooling`: no calls after failures, or while it answers none.
   * `unknown`: never called.
   */
  readonly state: "unknown" | "healthy" | "starting" | "cooling";
  readonly documentsInFlight: number;
  /** Without those in the background. */
  readonly documentsQueued: number;
  /** What waits for what nobody else wants, and what is in flight of it. Absent before something came in the background. */
  readonly background?: { readonly documentsInFlight: number; readonly documentsQueued: number };
  /**
   * Documents it may have in flight now: the server's limit, lowered while it refuses. Absent when no limit is known.
   */
  readonly documentsAllowed?: number;
  readonly calls: number;
  readonly failures: number;
  /** Milliseconds of recent calls. Absent before the first. */
  readonly latency?: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Code of the last failure, while it has not succeeded since. */
  readonly lastError?: ErrorCode;
  /** The last profile it gave, limits and price of the configuration included. */
  readonly profile?: Profile;
  /** Where its model runs in child processes of this one. */
  readonly processes?: ChildProcesses;
}

export interface DeploymentSettings extends HealthSettings {
  /** What answers call the model, where that is not the configured name: one that a wildcard stands for. */
  readonly servedAs?: string | undefined;
  /** Calls of a minute that it shares with others; its own `rpm` when absent. */
  readonly budget?: MinuteBudget | undefined;
  readonly maxQueuedDocuments: number;
  readonly observer: Observer | undefined;
  readonly share?: ShareDeployment | undefined;
}

/** One entry of `model_list` at run time: its connection and everything learned about it. */
export class Deployment implements CallAccounts, SharedDeployment {
  readonly id: string;
  /** As configured: `huggingface/*` where a wildcard stands for it. */
  readonly modelName: string;
  /** What answers call it. */
  readonly servedAs: string;
  readonly provider: string;
  /** The model without its provider prefix. */
  readonly model: string;
  readonly params: ModelParams;
  readonly calibration: Calibration | undefined;
  /** Equal where calibrations are. */
  readonly calibrationKey: string | undefined;
  readonly scorer: GuardedScorer;
  readonly admission: AdmissionController;
  readonly health: DeploymentHealth;
  readonly latency: Latency = new Latency();
  readonly warmUp: WarmUp;
  readonly silence: Silence;
  readonly budget: DeploymentBudget;
  readonly counters: CallCounters = { calls: 0, failures: 0, hedges: 0 };
  readonly #shared: ReturnType<ShareDeployment> | undefined;
  readonly #observer: Observer | undefined;
  /** What a call gets from the configuration; nobody can change it. */
  readonly #providerOptions: ProviderOptions | undefined;
  readonly #price: Price | undefined;
  /** On the clock of `performance.now()`; when its provider was last reported for blocking the event loop. */
  #blockedAt = -Infinity;
  #learned: Limits = {};
  #profile: Profile | undefined;
  /** The provider's own object that `#profile` was made from. */
  #profileSource: Profile | undefined;
  #loading: Promise<Profile> | undefined;
  /** Aborts the question for the profile that runs, or the next one. */
  #loadingTimeout = new AbortController();

  constructor(
    id: string,
    entry: ModelEntry,
    provider: Provider,
    model: string,
    http: Http,
    settings: DeploymentSettings,
  ) {
    const params = entry.dheera_ai_params;
    this.id = id;
    this.modelName = entry.model_name;
    this.servedAs = settings.servedAs ?? entry.model_name;
    this.provider = provider.name;
    this.model = model;
    this.params = params;
    this.calibration = readCalibration(params.calibration);
    readDiversify(params.diversify);
    this.calibrationKey = this.calibration && stableJson(this.calibration);
    this.#observer = settings.observer;
    this.#price = configuredPrice(entry.model_info);
    this.#providerOptions = frozenCopy(params.provider_options);
    const target = Object.freeze<Target>({
      model,
      http,
      options: frozenCopy(paramsOfProvider(params)),
      ...(params.api_base !== undefined && { apiBase: params.api_base.replace(/\/+$/, "") }),
      ...(params.api_key !== undefined && { apiKey: params.api_key }),
    });
    this.scorer = connectProvider(provider, target, (...what) => this.#reportBlocked(...what));
    const alone = {
      allowance: new Allowance(),
      health: new Health(settings),
      budget: settings.budget ?? new MinuteBudget(params.rpm),
    };
    this.#shared = settings.share?.(this, alone);
    const { allowance, health, budget } = this.#shared ?? alone;
    this.admission = new AdmissionController(settings.maxQueuedDocuments, params.max_parallel_requests, allowance);
    this.health = health;
    this.warmUp = new WarmUp(this.scorer);
    this.silence = new Silence(this.latency, this.scorer);
    this.budget = budget;
  }

  /** The last known profile. */
  get knownProfile(): Profile | undefined {
    return this.#profile;
  }

  /** Whether its provider is finding out the profile. */
  get isLoadingProfile(): boolean {
    return this.#loading !== undefined;
  }

  /**
   * Asks the provider for its profile and adopts it: narrowed by refusals, limits of the configuration on top. One
   * question serves all callers, also when they give up, and takes some seconds at most. Its failure counts against the
   * deployment once, as a call that failed, and starts the warm-up of a server that loads.
   * @param asker The request that is told of the failure if this begins the question.
   * @throws DheeraError
   */
  async loadProfile(signal: AbortSignal, asker?: Asker): Promise<Profile> {
    const profile = this.#askProfile(asker);
    return profile instanceof Promise ? abortable(profile, signal) : profile;
  }

  /**
   * The profile, if the provider gives it at once; else it is being loaded from now on. A request that need not wait for
   * it is spared two promises and a listener, which `bench/proxy.ts` shows.
   */
  profileNow(asker: Asker): Profile | undefined {
    const profile = this.#askProfile(asker);
    return profile instanceof Promise ? undefined : profile;
  }

  /**
   * Whether cached scores of this fingerprint are still what the server would give. Where it cannot be reached they are
   * the best there is.
   */
  async confirms(fingerprint: string, signal: AbortSignal): Promise<boolean> {
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(profileTimeoutSeconds * 1000)]);
      const profile = await this.scorer.confirm?.(limited);
      if (profile) this.#adopt(profile);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return upstreamError(error, this.provider, signal).code === "provider_unreachable";
    }
    return this.#profile?.fingerprint === fingerprint;
  }

  /** A refusal taught a limit. */
  learn(limits: Limits): void {
    this.#learned = narrower(this.#learned, limits);
    const source = this.#profileSource;
    this.#profileSource = undefined;
    if (source) this.#adopt(source);
  }

  /** The options of a call: the configuration's, and the request's key by key on top. */
  optionsOf(request: Readonly<Record<string, ProviderOptions>> | undefined): ProviderOptions {
    const own = request?.[this.provider];
    const configured = this.#providerOptions ?? noOptions;
    return own === undefined ? configured : Object.freeze({ ...configured, ...own });
  }

  /** Lets the provider give back what it holds. Requests must have ended. */
  async close(): Promise<void> {
    this.#shared?.leave();
    this.warmUp.close();
    this.silence.close();
    this.#loadingTimeout.abort(new DOMException("the deployment was closed", "AbortError"));
    await this.scorer.close();
  }

  status(): DeploymentStatus {
    const { params, admission, latency, counters } = this;
    return {
      id: this.id,
      modelName: this.modelName,
      provider: this.provider,
      model: this.model,
      state: this.#state(),
      documentsInFlight: admission.documentsInFlight,
      documentsQueued: admission.documentsQueued,
      ...(admission.background && {
        background: {
          documentsInFlight: admission.background.documentsInFlight,
          documentsQueued: admission.background.documentsQueued,
        },
      }),
      calls: counters.calls,
      failures: counters.failures,
      apiBase: params.api_base,
      ...(Number.isFinite(admission.allowance.documents) && {
        documentsAllowed: Math.floor(admission.allowance.documents),
      }),
      ...(latency.count > 0 && {
        latency: { p50: latency.quantile(0.5), p95: latency.quantile(0.95), p99: latency.quantile(0.99) },
      }),
      lastError: this.health.lastError,
      profile: this.#profile,
      processes: this.scorer.processes(),
    };
  }

  #reportBlocked(during: BlockedStep, milliseconds: number): void {
    const now = performance.now();
    if (now - this.#blockedAt < blockedPauseMs) return;
    this.#blockedAt = now;
    const { id: deployment, provider } = this;
    this.#observer?.event?.({ type: "blocked", deployment, provider, during, milliseconds: Math.round(milliseconds) });
  }

  #state(): DeploymentStatus["state"] {
    if (this.warmUp.isRunning) return "starting";
    if (this.health.coolingFor() > 0 || this.silence.isSilent) return "cooling";
    return this.counters.calls === 0 ? "unknown" : "healthy";
  }

  #askProfile(asker: Asker | undefined): Profile | Promise<Profile> {
    if (this.#loading) return this.#loading;
    const timeout = this.#loadingTimeout;
    const answer = this.#askScorer(timeout.signal);
    if (!(answer instanceof Promise)) return answer;
    this.#loading = this.#load(answer, timeout, asker).finally(() => {
      this.#loading = undefined;
      this.#loadingTimeout = new AbortController();
    });
    // Every request may have given up before it fails.
    this.#loading.catch(() => {});
    return this.#loading;
  }

  /** The profile, adopted, or what the provider promises. One that is of no use has failed like one that never came. */
  #askScorer(signal: AbortSignal): Profile | Promise<Profile> {
    const answer = this.scorer.profile(signal);
    if (answer instanceof Promise) return answer;
    try {
      return this.#adopt(answer);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #load(answer: Promise<Profile>, timeout: AbortController, asker: Asker | undefined): Promise<Profile> {
    const seconds = Math.min(this.params.timeout ?? Infinity, profileTimeoutSeconds);
    const timer = setTimeout(() => timeout.abort(noProfile(seconds)), seconds * 1000);
    try {
      return this.#adopt(await abortable(answer, timeout.signal));
    } catch (error) {
      const failure = DheeraError.from(upstreamError(error, this.provider, timeout.signal), { deployment: this.id });
      if (asker) this.#countFailure(failure.code, asker);
      if (failure.code === "provider_starting") void this.warmUp.start(failure.retryAfter);
      else this.health.failed(failure.code, failure.retryAfter);
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  /** To those who watch, a server that a request could not even ask what it is has failed like one that gave no scores. */
  #countFailure(code: ErrorCode, { callId, observer }: Asker): void {
    this.counters.calls++;
    this.counters.failures++;
    observer?.event?.({ type: "unknown-server", callId, deployment: this.id, code });
  }

  #adopt(source: Profile): Profile {
    if (source === this.#profileSource && this.#profile) return this.#profile;
    checkProfile(source, this.provider);
    this.#profileSource = source;
    const limits = { ...narrower(source.limits, this.#learned), ...configuredLimits(this.params) };
    this.admission.setLimit(limits.documentsInFlight ?? Infinity);
    const price = this.#price ?? source.price;
    this.#profile = { ...source, limits, price, fingerprint: this.#fingerprintOf(source) };
    return this.#profile;
  }

  /**
   * Options of the configuration may change scores, so deployments that differ in them neither share a request nor
   * cached scores.
   */
  #fingerprintOf({ fingerprint }: Profile): string {
    const options = this.params.provider_options;
    return options === undefined ? fingerprint : `${fingerprint} ${stableJson(options)}`;
  }
}

/** The request that asks for a profile. */
export type Asker = Pick<RequestContext, "callId" | "observer">;

type ProviderOptions = Readonly<Record<string, unknown>>;

/** Milliseconds in which a provider is reported once for blocking the event loop. */
const blockedPauseMs = 60_000;

const noOptions: ProviderOptions = Object.freeze({});

/** Seconds within which a provider should have given its profile; fewer where the deployment's `timeout` is shorter. */
const profileTimeoutSeconds = 5;

function noProfile(seconds: number): DheeraError {
  return new DheeraError("timeout", `the server did not say within ${seconds} seconds what it is`);
}
