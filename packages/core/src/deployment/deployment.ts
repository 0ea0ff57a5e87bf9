import type { Http, Limits, Profile, Provider, Scorer } from "../contract.ts";
import { DheeraError, type ErrorCode } from "../errors.ts";
import { AdmissionController } from "./admission.ts";
import { Health, type HealthSettings } from "./health.ts";
import { Latency } from "./latency.ts";
import { narrower } from "./limits.ts";
import { MinuteBudget } from "./minute-budget.ts";
import { abortable } from "../lib/abortable.ts";
import { type ModelEntry, type ModelParams, configuredLimits, coreParams } from "../routing/settings.ts";
import { upstreamError } from "../upstream/upstream-error.ts";
import { WarmUp } from "./warm-up.ts";

/** What is known of one deployment, fit to be shown: no key. */
export interface DeploymentStatus {
  readonly id: string;
  readonly modelName: string;
  readonly provider: string;
  readonly model: string;
  readonly apiBase?: string;
  /** `starting`: the server loads its model or wakes up. `cooling`: left alone after failures. `unknown`: never called. */
  readonly state: "unknown" | "healthy" | "starting" | "cooling";
  readonly documentsInFlight: number;
  readonly documentsQueued: number;
  /** Documents it may have in flight now: the server's limit, lowered while it refuses. Absent when no limit is known. */
  readonly documentsAllowed?: number;
  readonly calls: number;
  readonly failures: number;
  /** Milliseconds of recent calls. Absent before the first. */
  readonly latency?: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Code of the last failure, while it has not succeeded since. */
  readonly lastError?: ErrorCode;
  /** The last profile it gave, limits of the configuration included. */
  readonly profile?: Profile;
}

export interface DeploymentSettings extends HealthSettings {
  readonly maxQueuedDocuments: number;
}

/** One entry of `model_list` at run time: its connection and everything learned about it. */
export class Deployment {
  readonly id: string;
  readonly modelName: string;
  readonly provider: string;
  /** The model without its provider prefix. */
  readonly model: string;
  readonly params: ModelParams;
  readonly scorer: Scorer;
  readonly admission: AdmissionController;
  readonly health: Health;
  readonly latency: Latency = new Latency();
  readonly warmUp: WarmUp;
  readonly budget: MinuteBudget;
  calls = 0;
  failures = 0;
  /** Calls sent a second time because this deployment was slow. */
  hedges = 0;
  #learned: Limits = {};
  #profile: Profile | undefined;
  /** The provider's own object that `#profile` was made from. */
  #source: Profile | undefined;
  #asking: Promise<Profile> | undefined;
  /** For the next question that takes time. */
  #patience = new AbortController();

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
    this.provider = provider.name;
    this.model = model;
    this.params = params;
    this.scorer = provider.connect({
      model,
      http,
      options: providerOptions(params),
      apiBase: params.api_base?.replace(/\/+$/, ""),
      apiKey: params.api_key,
    });
    this.admission = new AdmissionController(settings.maxQueuedDocuments, params.max_parallel_requests);
    this.health = new Health(settings);
    this.warmUp = new WarmUp(this.scorer);
    this.budget = new MinuteBudget(params.rpm);
  }

  /** The last known profile. */
  get known(): Profile | undefined {
    return this.#profile;
  }

  /** Whether its server is being asked what it is. */
  get isAsked(): boolean {
    return this.#asking !== undefined;
  }

  /**
   * What the provider says of the server, narrowed by refusals; limits of the configuration win. Asked once for all who want to know, whoever gives
   * up meanwhile, and for some seconds at most. A failure counts against the deployment once.
   * @throws DheeraError
   */
  profile(): Profile | Promise<Profile> {
    if (this.#asking) return this.#asking;
    const controller = this.#patience;
    const said = this.scorer.profile(controller.signal);
    if (!(said instanceof Promise)) return this.#adopt(said);
    this.#patience = new AbortController();
    this.#asking = this.#listen(said, controller).finally(() => {
      this.#asking = undefined;
    });
    // Everybody may have given up before it fails.
    this.#asking.catch(() => {});
    return this.#asking;
  }

  /** A refusal taught a limit. */
  learn(limits: Limits): void {
    this.#learned = narrower(this.#learned, limits);
    const source = this.#source;
    this.#source = undefined;
    if (source) this.#adopt(source);
  }

  /** A place was taken: a call follows. */
  began(now: number = Date.now()): void {
    this.calls++;
    this.health.began(now);
    this.budget.use(now);
  }

  status(): DeploymentStatus {
    const { params, admission, latency } = this;
    return {
      id: this.id,
      modelName: this.modelName,
      provider: this.provider,
      model: this.model,
      state: this.#state(),
      documentsInFlight: admission.documentsInFlight,
      documentsQueued: admission.documentsQueued,
      calls: this.calls,
      failures: this.failures,
      apiBase: params.api_base,
      ...(Number.isFinite(admission.documentsAllowed) && { documentsAllowed: Math.floor(admission.documentsAllowed) }),
      ...(latency.count > 0 && {
        latency: { p50: latency.quantile(0.5), p95: latency.quantile(0.95), p99: latency.quantile(0.99) },
      }),
      lastError: this.health.lastError,
      profile: this.#profile,
    };
  }

  #state(): DeploymentStatus["state"] {
    if (this.warmUp.isRunning) return "starting";
    if (this.health.coolingFor() > 0) return "cooling";
    return this.calls === 0 ? "unknown" : "healthy";
  }

  async #listen(said: Promise<Profile>, controller: AbortController): Promise<Profile> {
    const seconds = this.params.timeout ?? profilePatience;
    const timer = setTimeout(() => controller.abort(silence(seconds)), seconds * 1000);
    try {
      return this.#adopt(await abortable(said, controller.signal));
    } catch (error) {
      const failure = DheeraError.from(upstreamError(error, this.provider, controller.signal), { deployment: this.id });
      if (failure.code === "provider_starting") void this.warmUp.wake(failure.retryAfter);
      else this.health.failed(failure.code, failure.retryAfter);
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  #adopt(said: Profile): Profile {
    if (said === this.#source && this.#profile) return this.#profile;
    this.#source = said;
    const limits = { ...narrower(said.limits, this.#learned), ...configuredLimits(this.params) };
    this.admission.setLimit(limits.documentsInFlight ?? Infinity);
    this.#profile = { ...said, limits };
    return this.#profile;
  }
}

/** Seconds within which a server should have said what it is, where the deployment has no `timeout`. */
const profilePatience = 5;

function silence(seconds: number): DheeraError {
  return new DheeraError("timeout", `the server did not say within ${seconds} seconds what it is`);
}

function providerOptions(params: ModelParams): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !coreParams.has(name)));
}
