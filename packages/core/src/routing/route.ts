import type { Profile } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { noBudget } from "../deployment/admission.ts";
import { isReady } from "../deployment/slot.ts";
import type { RequestContext } from "../dispatch/context.ts";
import type { RetrySettings } from "../dispatch/score-task.ts";
import { type DheeraError, isDheeraError } from "../errors.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { awaitProfile } from "./await-profile.ts";
import { type Workload, workloadOf } from "./cheapest.ts";
import { type Alternatives, Pool, mostPreferred } from "./pool.ts";
import type { RoutingStrategy } from "./settings.ts";

/** Deployments of one model name. */
export type Group = readonly Deployment[];

export interface RouteSettings {
  readonly strategy: RoutingStrategy;
  readonly retries: RetrySettings;
}

/** The route of a request through these groups: the model name's own, then its fallbacks'. */
export function routeFor(
  groups: readonly Group[],
  settings: RouteSettings,
  request: CheckedRequest,
  context: RequestContext,
): Route {
  const workload = settings.strategy === "cost-based-routing" ? workloadOf(request) : undefined;
  return new Route(groups, settings, context, workload);
}

/**
 * The way of one request through the pools that could serve it: each fingerprint of the model name's deployments, then
 * of its fallbacks', ready ones first, and at the last resort those that are starting or cooling down. A ranking comes
 * from one pool alone, because scores of different fingerprints do not compare.
 */
export class Route implements Alternatives {
  readonly #groups: readonly Group[];
  readonly #settings: RouteSettings;
  readonly #context: RequestContext;
  readonly #workload: Workload | undefined;
  readonly #exhausted = new Exhausted();
  /** Deployments that gave no profile; absent while there are none. */
  #withoutProfile: Set<Deployment> | undefined;
  #position = 0;
  #isLastResort = false;
  /** Others come after it, which are asked before any of its own is waited for. */
  #isFollowed = false;
  #modelName: string | undefined;
  #failure: DheeraError | undefined;

  /**
   * @param groups The model name's own, then its fallbacks'.
   * @param workload Where the cheapest are to serve.
   */
  constructor(groups: readonly Group[], settings: RouteSettings, context: RequestContext, workload?: Workload) {
    this.#groups = groups;
    this.#workload = workload;
    this.#settings = settings;
    this.#context = context;
  }

  /** Whether models that it does not know of serve when its own cannot at once. */
  follow(isFollowed: boolean): void {
    this.#isFollowed = isFollowed;
  }

  /** The model name that would be tried next; undefined where none is left. */
  nextModel(): string | undefined {
    return this.#nextCandidate()?.modelName;
  }

  /** The one that was tried last. */
  get lastModel(): string | undefined {
    return this.#modelName;
  }

  /**
   * The next pool, if its profile is known without waiting; nothing where `nextPool` has to be asked. It spares a request
   * the promises of that, which `bench/proxy.ts` shows.
   */
  nextPoolNow(): Pool | undefined {
    const candidate = this.#nextCandidate();
    if (!candidate || this.#isLastResort || unknownReplicas(candidate, this.#group()).length > 0) return undefined;
    const profile = candidate.profileNow(this.#context);
    if (!profile) return undefined;
    this.#enterModel(candidate.modelName);
    return this.#poolOf(profile, candidate);
  }

  /**
   * The next pool to try.
   * @throws DheeraError the last failure when none is left, or the first that trying elsewhere cannot cure.
   */
  async nextPool(): Promise<Pool> {
    for (;;) {
      const candidate = this.#nextCandidate();
      if (!candidate) throw this.#failure ?? noBudget(this.#groups.flat());
      this.#enterModel(candidate.modelName);
      try {
        return this.#poolOf(await this.#profileOf(candidate), candidate);
      } catch (error) {
        this.#reportDefect(error, candidate);
        this.#fail(error, [candidate]);
        (this.#withoutProfile ??= new Set()).add(candidate);
      }
    }
  }

  /** The pool could not serve. @throws the error when trying elsewhere cannot cure it. */
  poolFailed(pool: Pool, error: unknown): void {
    this.#fail(error, pool.all());
  }

  /** The best deployment of the first group that has one left. */
  #nextCandidate(): Deployment | undefined {
    for (; this.#position < this.#groups.length; this.#position++) {
      const best = this.#bestOf(this.#group());
      if (best) return best;
    }
    if (this.#isLastResort || this.#isFollowed) return undefined;
    this.#isLastResort = true;
    this.#position = 0;
    // Deployments that were not called yet, or began to start meanwhile, are worth waiting for when no other could
    // serve.
    this.#exhausted.remove((deployment) => this.#gaveNoProfile(deployment) || deployment.warmUp.isRunning);
    return this.#nextCandidate();
  }

  #bestOf(group: Group): Deployment | undefined {
    const [lone] = group;
    if (lone && group.length === 1) return this.#isCandidate(lone) ? lone : undefined;
    const candidates = group.filter((deployment) => this.#isCandidate(deployment));
    // What a deployment costs is in its profile, which many providers know without asking.
    if (this.#workload) for (const other of candidates) if (!other.knownProfile) other.profileNow(this.#context);
    return choose(candidates, this.#settings.strategy, this.#workload);
  }

  #group(): Group {
    return this.#groups[this.#position] ?? [];
  }

  #isCandidate(deployment: Deployment): boolean {
    return (
      !this.#exhausted.has(deployment) && deployment.budget.isOpen() && (this.#isLastResort || isReady(deployment))
    );
  }

  #poolOf(profile: Profile, first: Deployment): Pool {
    return new Pool({
      profile,
      first,
      group: this.#group(),
      strategy: this.#settings.strategy,
      workload: this.#workload,
      takesAll: this.#isLastResort,
      route: this,
    });
  }

  /** Whether deployments outside the pool could serve the request when the pool cannot. */
  hasAlternativeTo(pool: Pool): boolean {
    if (this.#isLastResort) return false;
    if (this.#isFollowed) return true;
    // Loops, because every call asks and most groups hold one deployment.
    for (const group of this.#groups)
      for (const other of group) if (!pool.includes(other) && this.#isCandidate(other)) return true;
    return false;
  }

  #profileOf(candidate: Deployment): Promise<Profile> {
    if (this.#isLastResort)
      return awaitProfile(candidate, this.#context, this.#settings.retries, this.#gaveNoProfile(candidate));
    return loadProfiles(candidate, this.#group(), this.#context);
  }

  #gaveNoProfile(deployment: Deployment): boolean {
    return this.#withoutProfile?.has(deployment) ?? false;
  }

  #fail(error: unknown, deployments: readonly Deployment[]): void {
    if (!isDheeraError(error) || !error.retryable || this.#context.signal.aborted) throw error;
    this.#failure = error;
    this.#exhausted.add(deployments);
  }

  #reportDefect(error: unknown, { id: deployment }: Deployment): void {
    const { observer, callId } = this.#context;
    if (isDheeraError(error) && error.defect)
      observer?.event?.({ type: "defect", callId, deployment, cause: error.cause ?? error });
  }

  #enterModel(modelName: string): void {
    const from = this.#modelName;
    this.#modelName = modelName;
    if (from === undefined || from === modelName || !this.#failure) return;
    reportFallback(this.#context, from, modelName, this.#failure);
  }
}

/** One model name serves in place of another. */
export function reportFallback(
  { report, observer, callId }: RequestContext,
  from: string,
  to: string,
  { code }: DheeraError,
): void {
  report.fallbacks++;
  observer?.event?.({ type: "fallback", callId, from, to, code });
}

/** Deployments that failed this request, under the fingerprint they had: with a new one they may be tried again. */
class Exhausted {
  /** Absent until a deployment failed, which is rare. */
  #fingerprints: Map<Deployment, string | undefined> | undefined;

  has(deployment: Deployment): boolean {
    return (
      this.#fingerprints?.has(deployment) === true &&
      this.#fingerprints.get(deployment) === deployment.knownProfile?.fingerprint
    );
  }

  add(deployments: readonly Deployment[]): void {
    this.#fingerprints ??= new Map();
    for (const deployment of deployments) this.#fingerprints.set(deployment, deployment.knownProfile?.fingerprint);
  }

  remove(matches: (deployment: Deployment) => boolean): void {
    for (const deployment of this.#fingerprints?.keys() ?? [])
      if (matches(deployment)) this.#fingerprints?.delete(deployment);
  }
}

/** The best one; those whose profile is known come before those that would have to be asked first. */
function choose(
  candidates: readonly Deployment[],
  strategy: RoutingStrategy,
  workload: Workload | undefined,
): Deployment | undefined {
  if (candidates.length < 2) return candidates[0];
  const known = candidates.filter(({ knownProfile }) => knownProfile);
  return mostPreferred(known.length > 0 ? known : candidates, strategy, workload);
}

/** Milliseconds that a request waits for the profiles of replicas it could do without. */
const replicaProfileTimeoutMs = 1_000;

/**
 * The first deployment's profile. Its replicas are asked at the same time, because one without a profile cannot help
 * with this request.
 */
function loadProfiles(first: Deployment, group: Group, context: RequestContext): Promise<Profile> {
  const unknown = unknownReplicas(first, group);
  return unknown.length === 0 ? first.loadProfile(context.signal, context) : loadTogether(first, unknown, context);
}

function unknownReplicas(first: Deployment, group: Group): Group {
  if (group.length === 1) return [];
  return group.filter(
    (deployment) =>
      deployment !== first && !deployment.knownProfile && !deployment.isLoadingProfile && isReady(deployment),
  );
}

async function loadTogether(first: Deployment, replicas: Group, context: RequestContext): Promise<Profile> {
  const others = Promise.allSettled(
    replicas.map((deployment) =>
      deployment.loadProfile(AbortSignal.any([context.signal, AbortSignal.timeout(replicaProfileTimeoutMs)]), context),
    ),
  );
  const profile = await first.loadProfile(context.signal, context);
  await others;
  return profile;
}
