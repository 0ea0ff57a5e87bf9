import type { Limits, Profile } from "./contract.ts";
import type { Deployment } from "./deployment.ts";
import { narrower } from "./limits.ts";
import type { RoutingStrategy } from "./settings.ts";

/** Deployments of one model name that give the same scores. */
export class Pool {
  readonly modelName: string;
  readonly profile: Profile;
  readonly #group: readonly Deployment[];
  readonly #strategy: RoutingStrategy;
  readonly #lastResort: boolean;
  readonly #hasAlternative: () => boolean;

  constructor(
    modelName: string,
    profile: Profile,
    group: readonly Deployment[],
    strategy: RoutingStrategy,
    lastResort: boolean,
    hasAlternative: () => boolean,
  ) {
    this.modelName = modelName;
    this.profile = profile;
    this.#group = group;
    this.#strategy = strategy;
    this.#lastResort = lastResort;
    this.#hasAlternative = hasAlternative;
  }

  /** Whether somebody else could serve the request when this pool cannot. */
  get hasAlternative(): boolean {
    return !this.#lastResort && this.#hasAlternative();
  }

  includes(deployment: Deployment): boolean {
    return deployment.known?.fingerprint === this.profile.fingerprint;
  }

  all(): readonly Deployment[] {
    return this.#group.filter((deployment) => this.includes(deployment));
  }

  /**
   * Those that may be called now, best first, without those already tried as long as there are others. Where nobody may and nobody else could serve,
   * all of them. A request of several batches spreads them by load, whatever the strategy for whole requests.
   */
  members(tried: ReadonlySet<Deployment>, strategy: RoutingStrategy = this.#strategy): readonly Deployment[] {
    const all = this.all();
    const ready = all.filter((deployment) => isReady(deployment) && deployment.hasBudget());
    const callable = ready.length > 0 || this.hasAlternative ? ready : all;
    const fresh = callable.filter((deployment) => !tried.has(deployment));
    return preferred(fresh.length > 0 ? fresh : callable, strategy);
  }

  /** The narrowest limits among all of them, so that a batch fits wherever it is sent. */
  limits(): Limits {
    return this.all().reduce((limits, { known }) => (known ? narrower(limits, known.limits) : limits), this.profile.limits);
  }
}

/** Neither cooling down nor starting. */
export function isReady(deployment: Deployment): boolean {
  return deployment.health.isOpen() && !deployment.waker.isWaking;
}

/** Those of the lowest priority tier, in the strategy's order. */
export function preferred(deployments: readonly Deployment[], strategy: RoutingStrategy): readonly Deployment[] {
  if (deployments.length < 2) return deployments;
  const tier = Math.min(...deployments.map(orderOf));
  const keyed = deployments
    .filter((deployment) => orderOf(deployment) === tier)
    .map((deployment) => ({ deployment, key: keys[strategy](deployment), tie: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key || a.tie - b.tie).map(({ deployment }) => deployment);
}

const keys: Readonly<Record<RoutingStrategy, (deployment: Deployment) => number>> = {
  // Weighted sampling without replacement (Efraimidis and Spirakis, 2006): the smallest -ln(u)/weight comes first.
  "simple-shuffle": ({ params }) => -Math.log(1 - Math.random()) / Math.max(params.weight ?? 1, Number.MIN_VALUE),
  "least-busy": ({ gate, params }) => (gate.documentsInFlight + gate.documentsQueued) / Math.max(params.weight ?? 1, Number.MIN_VALUE),
  "latency-based-routing": ({ latency }) => latency.average,
};

function orderOf(deployment: Deployment): number {
  return deployment.params.order ?? 0;
}
