import type { Limits, Profile, ScoreParams } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { type AdmissionOptions, type Background, flowNow, mostPerCall, noBudget } from "../deployment/admission.ts";
import { isAsWide, narrower } from "../deployment/limits.ts";
import type { DeploymentParams } from "../deployment/params.ts";
import { type Slot, isReady, tryTakeSlot, waitForSlot } from "../deployment/slot.ts";
import { DheeraError } from "../errors.ts";
import { abortable } from "../lib/waiting.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import type { Calibration } from "../response/calibration.ts";
import { type Workload, cheapest } from "./cheapest.ts";
import type { RoutingStrategy } from "./settings.ts";

export interface PoolInput {
  readonly profile: Profile;
  /** One that it consists of, whose calibration is that of all. */
  readonly first: Deployment;
  /** All deployments of the model name. */
  readonly group: readonly Deployment[];
  readonly strategy: RoutingStrategy;
  /** Present where the cheapest are to serve. */
  readonly workload: Workload | undefined;
  /** At the last resort deployments that are starting or cooling down are members as well. */
  readonly takesAll: boolean;
  readonly route: Alternatives;
}

/** Knows the deployments outside of a pool. */
export interface Alternatives {
  /** Whether one of them could serve the request when the pool cannot. */
  hasAlternativeTo(pool: Pool): boolean;
}

export interface SlotOptions extends AdmissionOptions {
  /** Deployments that failed the batch already: taken only when no other is left. */
  readonly tried: ReadonlySet<Deployment> | undefined;
  /** Decides between free deployments instead of the pool's own strategy. */
  readonly strategy: RoutingStrategy | undefined;
}

/** Deployments of one model name that give the same scores, and of whose scores the same becomes. */
export class Pool {
  readonly profile: Profile;
  /** The same list for every request to a model name: requests that share it share credentials. */
  readonly group: readonly Deployment[];
  readonly #input: PoolInput;
  /** The limits that batches were planned for, and the members then. */
  #planned: { readonly limits: Limits; readonly members: readonly Deployment[] } | undefined;

  constructor(input: PoolInput) {
    this.profile = input.profile;
    this.group = input.group;
    this.#input = input;
  }

  get modelName(): string {
    return this.group[0]?.modelName ?? "";
  }

  /** What answers call the model. */
  get servedAs(): string {
    return this.group[0]?.servedAs ?? "";
  }

  /** The parameters of the model name: those of its first deployment. */
  get params(): Partial<DeploymentParams> {
    return this.group[0]?.params ?? {};
  }

  /** What makes its scores probabilities. */
  get calibration(): Calibration | undefined {
    return this.#input.first.calibration;
  }

  /** Whether other deployments could serve the request when this pool cannot. */
  hasAlternative(): boolean {
    return this.#input.route.hasAlternativeTo(this);
  }

  /**
   * Whether the deployment gives the same scores. One whose profile became known after batches were planned must also
   * take those batches.
   */
  includes(deployment: Deployment): boolean {
    const { knownProfile: known } = deployment;
    if (known?.fingerprint !== this.profile.fingerprint) return false;
    if (deployment.calibrationKey !== this.#input.first.calibrationKey) return false;
    return !this.#planned || this.#planned.members.includes(deployment) || isAsWide(known.limits, this.#planned.limits);
  }

  all(): readonly Deployment[] {
    return this.group.filter((deployment) => this.includes(deployment));
  }

  /** Whether calls with these options and parameters bring more than scores. */
  asksDetails(options: CheckedRequest["providerOptions"], params: ScoreParams): boolean {
    // A loop, because every request asks, and most providers have none.
    for (const deployment of this.group)
      if (deployment.scorer.asksDetails?.(deployment.optionsOf(options), params)) return true;
    return false;
  }

  /** Whether its servers may serve another model without saying so. */
  get mayChange(): boolean {
    return this.group.some(({ scorer }) => scorer.confirm !== undefined);
  }

  /** Whether one of its deployments still serves the model that cached scores are of. */
  async confirms(signal: AbortSignal): Promise<boolean> {
    for (const deployment of this.members())
      if (await deployment.confirms(this.profile.fingerprint, signal)) return true;
    return false;
  }

  /**
   * Those that may be called now, best first, without those already tried as long as there are others. Where none may
   * and no other deployment could serve, all that have calls left. A request of several batches spreads them by load,
   * whatever the strategy for whole requests.
   */
  members(
    tried?: ReadonlySet<Deployment>,
    strategy: RoutingStrategy = this.#input.strategy,
    background?: Background,
  ): readonly Deployment[] {
    return preferred(this.#callable(tried, background), strategy, this.#input.workload);
  }

  /** Its members in no order. */
  #callable(tried: ReadonlySet<Deployment> | undefined, background?: Background): readonly Deployment[] {
    const [lone] = this.group;
    if (lone && this.group.length === 1 && this.includes(lone) && lone.budget.isOpen(background) && isReady(lone))
      return this.group;
    const all: Deployment[] = [];
    const ready: Deployment[] = [];
    for (const deployment of this.group) {
      if (!this.includes(deployment) || !deployment.budget.isOpen(background)) continue;
      all.push(deployment);
      if (isReady(deployment)) ready.push(deployment);
    }
    const callable = ready.length > 0 || (!this.#input.takesAll && this.hasAlternative()) ? ready : all;
    const untried = tried ? callable.filter((deployment) => !tried.has(deployment)) : callable;
    const some = untried.length > 0 ? untried : callable;
    return background ? awake(some) : some;
  }

  /** A slot for a batch at the best member, if it is ready and has room now. */
  tryAcquire(
    documents: number,
    { tried, strategy, signal, flow: asked, divisible }: SlotOptions,
  ): Slot<Deployment> | undefined {
    const flow = flowNow(asked);
    const callable = this.#callable(tried, flow.background);
    const best = mostPreferred(callable, strategy ?? this.#input.strategy, this.#input.workload);
    if (!best || signal.aborted || !isReady(best)) return undefined;
    return divisible && documents > mostPerCall(best.admission, flow) ? undefined : tryTakeSlot(best, documents, flow);
  }

  /**
   * Waits for a slot at a member, also while servers start.
   * @returns nothing when the batch is divisible and larger than what any member may have in flight.
   * @throws DheeraError `provider_overloaded` or `rate_limited` when none can be had; the signal's reason when it
   * aborts.
   */
  async acquire(documents: number, options: SlotOptions): Promise<Slot<Deployment> | undefined> {
    for (;;) {
      const flow = flowNow(options.flow);
      const members = this.members(options.tried, options.strategy, flow.background);
      if (members.length === 0) {
        const all = this.all();
        throw all.some(({ budget }) => budget.isOpen(flow.background)) ? unavailable() : noBudget(all);
      }
      const started = members.filter(({ warmUp }) => !warmUp.isRunning);
      if (started.length === 0) {
        await abortable(Promise.race(members.map(({ warmUp }) => warmUp.start())), options.signal);
        continue;
      }
      const fitting = options.divisible
        ? started.filter(({ admission }) => documents <= mostPerCall(admission, flow))
        : started;
      if (fitting.length === 0) return undefined;
      const slot = await waitForSlot(fitting, documents, { ...options, flow });
      if (slot) return slot;
    }
  }

  /**
   * Fixes what the next batches must respect: the narrowest limits among all members, so that a batch fits wherever it
   * is sent, and what their servers were found to have places for.
   */
  planLimits(background?: Background): Limits {
    let { limits } = this.profile;
    const members = this.all();
    const calls: number[] = [];
    for (const { knownProfile: known, admission } of members) {
      if (known && known.limits !== limits) limits = narrower(limits, known.limits);
      calls.push(background ? background.documentsPerCall(admission) : admission.allowance.documentsPerCall);
    }
    let most = Math.max(0, ...calls);
    if (calls.length > 1) most = Math.max(most / mostTimesNarrower, Math.min(...calls));
    if (members.length > 0 && most < (limits.documentsPerCall ?? Infinity))
      limits = { ...limits, documentsPerCall: Math.max(1, Math.floor(most)) };
    this.#planned = { limits, members };
    return limits;
  }
}

/**
 * Replicas with a lowered allowance make calls smaller, so that they can take part; one whose allowance is a small part
 * of another's is left out instead.
 */
const mostTimesNarrower = 4;

function unavailable(): DheeraError {
  return new DheeraError(
    "provider_overloaded",
    "no deployment of this model may be called at the moment; try again later",
    { retryAfter: 1 },
  );
}

/** Background work wakes no server for itself as long as others have enough of those that serve them. */
function awake(deployments: readonly Deployment[]): readonly Deployment[] {
  const serving = deployments.filter(({ latency }) => latency.count > 0);
  return serving.some(({ admission }) => admission.background?.isProtecting) ? serving : deployments;
}

/** Those of the lowest priority tier, of them the cheapest where there is a workload, in the strategy's order. */
function preferred(
  deployments: readonly Deployment[],
  strategy: RoutingStrategy,
  workload: Workload | undefined,
): readonly Deployment[] {
  if (deployments.length < 2) return deployments;
  const keyed = eligible(deployments, workload).map((deployment) => ({
    deployment,
    key: keys[strategy](deployment),
    tie: Math.random(),
  }));
  return keyed.sort((a, b) => a.key - b.key || a.tie - b.tie).map(({ deployment }) => deployment);
}

/** The first of them: all that a call needs unless it fails. The others are not put in order for it. */
export function mostPreferred(
  deployments: readonly Deployment[],
  strategy: RoutingStrategy,
  workload: Workload | undefined,
): Deployment | undefined {
  if (deployments.length < 2) return deployments[0];
  let best: Deployment | undefined;
  let least = Infinity;
  let leastTie = 1;
  for (const deployment of eligible(deployments, workload)) {
    const key = keys[strategy](deployment);
    const tie = Math.random();
    if (key > least || (key === least && tie >= leastTie)) continue;
    best = deployment;
    least = key;
    leastTie = tie;
  }
  return best;
}

/** Those of the lowest priority tier, of them the cheapest where there is a workload. */
function eligible(deployments: readonly Deployment[], workload: Workload | undefined): readonly Deployment[] {
  const lowest = Math.min(...deployments.map(orderOf));
  const tier = deployments.filter((deployment) => orderOf(deployment) === lowest);
  return workload ? cheapest(tier, workload) : tier;
}

/** Weighted sampling without replacement (Efraimidis and Spirakis, 2006): the smallest -ln(u)/weight comes first. */
const shuffle = (deployment: Deployment): number => -Math.log(1 - Math.random()) / weightOf(deployment);

const keys: Readonly<Record<RoutingStrategy, (deployment: Deployment) => number>> = {
  "simple-shuffle": shuffle,
  // Among those of the same cost.
  "cost-based-routing": shuffle,
  "least-busy": (deployment) =>
    (deployment.admission.documentsInFlight + deployment.admission.documentsQueued + 1) / weightOf(deployment),
  // A deployment that never succeeded has no average, which must not look fast.
  "latency-based-routing": ({ latency, counters }) =>
    latency.count === 0 && counters.failures > 0 ? Infinity : latency.average,
};

/** Never 0, so that a deployment without weight comes last but can still be compared. */
function weightOf({ params }: Deployment): number {
  return Math.max(params.weight ?? 1, 1e-9);
}

function orderOf(deployment: Deployment): number {
  return deployment.params.order ?? 0;
}
