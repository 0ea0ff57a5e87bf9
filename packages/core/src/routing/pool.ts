import type { Limits, Profile } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { isAsWide, narrower } from "../deployment/limits.ts";
import type { RoutingStrategy } from "./settings.ts";

export interface PoolInput {
  readonly profile: Profile;
  /** All deployments of the model name. */
  readonly group: readonly Deployment[];
  readonly strategy: RoutingStrategy;
  /** At the last resort those that are starting or cooling down are members as well. */
  readonly takesAll: boolean;
  /** Whether somebody else could serve the request when this pool cannot. */
  readonly hasAlternative: () => boolean;
}

/** Deployments of one model name that give the same scores. */
export class Pool {
  readonly profile: Profile;
  /** The same list for every request to a model name: whoever shares it shares credentials. */
  readonly group: readonly Deployment[];
  readonly #input: PoolInput;
  /** What batches were planned for, and for whom. */
  #planned: { readonly limits: Limits; readonly members: readonly Deployment[] } | undefined;

  constructor(input: PoolInput) {
    this.profile = input.profile;
    this.group = input.group;
    this.#input = input;
  }

  get modelName(): string {
    return this.group[0]?.modelName ?? "";
  }

  /** Whether somebody else could serve the request when this pool cannot. */
  get hasAlternative(): boolean {
    return this.#input.hasAlternative();
  }

  /** Whoever said what it is only after batches were planned is one of them if those batches fit it. */
  includes(deployment: Deployment): boolean {
    const { known } = deployment;
    if (known?.fingerprint !== this.profile.fingerprint) return false;
    return !this.#planned || this.#planned.members.includes(deployment) || isAsWide(known.limits, this.#planned.limits);
  }

  all(): readonly Deployment[] {
    return this.group.filter((deployment) => this.includes(deployment));
  }

  /**
   * Those that may be called now, best first, without those already tried as long as there are others. Where nobody may and nobody else could serve,
   * all that have calls left. A request of several batches spreads them by load, whatever the strategy for whole requests.
   */
  members(tried: ReadonlySet<Deployment>, strategy: RoutingStrategy = this.#input.strategy): readonly Deployment[] {
    const [lone] = this.group;
    if (lone && this.group.length === 1 && this.includes(lone) && lone.budget.isOpen() && isReady(lone))
      return this.group;
    const all: Deployment[] = [];
    const ready: Deployment[] = [];
    for (const deployment of this.group) {
      if (!this.includes(deployment) || !deployment.budget.isOpen()) continue;
      all.push(deployment);
      if (isReady(deployment)) ready.push(deployment);
    }
    const callable = ready.length > 0 || (!this.#input.takesAll && this.hasAlternative) ? ready : all;
    const fresh = tried.size === 0 ? callable : callable.filter((deployment) => !tried.has(deployment));
    return preferred(fresh.length > 0 ? fresh : callable, strategy);
  }

  /** What the next batches must respect: the narrowest limits among all of them, so that a batch fits wherever it is sent. */
  limits(): Limits {
    let { limits } = this.profile;
    const members = this.all();
    for (const { known } of members) if (known && known.limits !== limits) limits = narrower(limits, known.limits);
    this.#planned = { limits, members };
    return limits;
  }
}

/** Neither cooling down nor starting. */
export function isReady(deployment: Deployment): boolean {
  return deployment.health.isOpen() && !deployment.warmUp.isRunning;
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
  "simple-shuffle": (deployment) => -Math.log(1 - Math.random()) / weightOf(deployment),
  "least-busy": (deployment) =>
    (deployment.admission.documentsInFlight + deployment.admission.documentsQueued + 1) / weightOf(deployment),
  // Who never succeeded has no average, which must not look fast.
  "latency-based-routing": ({ latency, failures }) =>
    latency.count === 0 && failures > 0 ? Infinity : latency.average,
};

/** Never 0, so that who has no weight comes last but can still be compared. */
function weightOf({ params }: Deployment): number {
  return Math.max(params.weight ?? 1, 1e-9);
}

function orderOf(deployment: Deployment): number {
  return deployment.params.order ?? 0;
}
