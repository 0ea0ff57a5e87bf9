import { askProfile } from "../deployment/ask-profile.ts";
import type { CallSettings } from "../dispatch/dispatch.ts";
import type { RequestContext } from "../dispatch/context.ts";
import type { Profile } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import { noBudget } from "../deployment/minute-budget.ts";
import { Pool, isReady, preferred } from "./pool.ts";
import type { RoutingStrategy } from "./settings.ts";

/** Deployments of one model name. */
export type Group = readonly Deployment[];

export interface RouteSettings {
  readonly strategy: RoutingStrategy;
  readonly callSettings: CallSettings;
}

/**
 * Serves a request from the first pool that can: each fingerprint of the model name's deployments, then of its fallbacks', healthy ones first, and
 * at the last resort those that are starting or cooling down. A ranking always comes from one pool alone, because scores of different
 * fingerprints do not compare.
 * @param groups The model name's own, then its fallbacks'.
 * @throws DheeraError of the last pool, or the first one that trying elsewhere cannot mend.
 */
export async function route<T>(
  groups: readonly Group[],
  settings: RouteSettings,
  context: RequestContext,
  serve: (pool: Pool) => Promise<T>,
): Promise<T> {
  const exhausted = new Exhausted();
  /** Those that would not say what they are. */
  let silent: Set<Deployment> | undefined;
  let failure: DheeraError | undefined;
  let current: string | undefined;

  for (const lastResort of [false, true]) {
    for (const group of groups) {
      for (;;) {
        const first = choose(
          group.filter((deployment) => isCandidate(deployment, exhausted, lastResort)),
          settings.strategy,
        );
        if (!first) break;
        if (current !== undefined && current !== first.modelName && failure)
          tellFallback(context, current, first.modelName, failure);
        current = first.modelName;
        let pool: Pool | undefined;
        try {
          const failedBefore = silent?.has(first) ?? false;
          const asking = lastResort ? insist(first, context, settings, failedBefore) : profileOf(first, group, context);
          const profile = asking instanceof Promise ? await asking : asking;
          const serving = new Pool({
            profile,
            group,
            strategy: settings.strategy,
            takesAll: lastResort,
            hasAlternative: () =>
              !lastResort &&
              groups.flat().some((other) => !serving.includes(other) && isCandidate(other, exhausted, false)),
          });
          pool = serving;
          return await serve(pool);
        } catch (error) {
          if (!isDheeraError(error) || !error.retryable || context.signal.aborted) throw error;
          failure = error;
          if (!pool) (silent ??= new Set()).add(first);
          exhausted.add(pool?.all() ?? [first]);
        }
      }
    }
    // Whoever was not called yet, or began to start meanwhile, is worth waiting for when nobody else could serve.
    exhausted.forgive((deployment) => silent?.has(deployment) || deployment.warmUp.isRunning);
  }
  throw failure ?? noBudget();
}

/** Deployments that failed this request, under the fingerprint they had: with a new one they are somebody else. */
class Exhausted {
  /** There once somebody failed, which is rare. */
  #fingerprints: Map<Deployment, string | undefined> | undefined;

  has(deployment: Deployment): boolean {
    const { fingerprint } = deployment.known ?? {};
    return this.#fingerprints?.has(deployment) === true && this.#fingerprints.get(deployment) === fingerprint;
  }

  add(deployments: readonly Deployment[]): void {
    this.#fingerprints ??= new Map();
    for (const deployment of deployments) this.#fingerprints.set(deployment, deployment.known?.fingerprint);
  }

  forgive(deserves: (deployment: Deployment) => boolean): void {
    for (const deployment of this.#fingerprints?.keys() ?? [])
      if (deserves(deployment)) this.#fingerprints?.delete(deployment);
  }
}

function isCandidate(deployment: Deployment, exhausted: Exhausted, lastResort: boolean): boolean {
  return !exhausted.has(deployment) && deployment.budget.isOpen() && (lastResort || isReady(deployment));
}

/** The best one; whoever has said what it is comes before those that would have to be asked first. */
function choose(candidates: readonly Deployment[], strategy: RoutingStrategy): Deployment | undefined {
  if (candidates.length < 2) return candidates[0];
  const known = candidates.filter((deployment) => deployment.known);
  return preferred(known.length > 0 ? known : candidates, strategy)[0];
}

/** Milliseconds that a request waits for the profiles of replicas it could do without. */
const patience = 1_000;

/** The first deployment's profile; its replicas are asked at the same time, because whoever is unknown cannot help with this request. */
function profileOf(first: Deployment, group: Group, context: RequestContext): Profile | Promise<Profile> {
  const strangers = group.filter(
    (deployment) => deployment !== first && !deployment.known && !deployment.isAsked && isReady(deployment),
  );
  return strangers.length === 0 ? askProfile(first, context.signal) : askTogether(first, strangers, context);
}

async function askTogether(first: Deployment, strangers: Group, context: RequestContext): Promise<Profile> {
  const others = Promise.allSettled(
    strangers.map((deployment) =>
      askProfile(deployment, AbortSignal.any([context.signal, AbortSignal.timeout(patience)])),
    ),
  );
  const profile = await askProfile(first, context.signal);
  await others;
  return profile;
}

async function insist(
  first: Deployment,
  context: RequestContext,
  settings: RouteSettings,
  failedBefore: boolean,
): Promise<Profile> {
  const { awaitProfile } = await import("../deployment/await-profile.ts");
  return awaitProfile(first, context, settings.callSettings, failedBefore);
}

function tellFallback(
  { report, observer, callId }: RequestContext,
  from: string,
  to: string,
  { code }: DheeraError,
): void {
  report.fallbacks++;
  observer?.event?.({ type: "fallback", callId, from, to, code });
}
