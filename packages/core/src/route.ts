import { askProfile, insistOnProfile } from "./ask-profile.ts";
import type { CallSettings } from "./call.ts";
import type { RequestContext } from "./context.ts";
import type { Profile } from "./contract.ts";
import type { Deployment } from "./deployment.ts";
import { DheeraError } from "./errors.ts";
import { Pool, isReady, preferred } from "./pool.ts";
import type { RoutingStrategy } from "./settings.ts";
import { upstreamError } from "./upstream-error.ts";

/** Who can be asked for what. A route's key is a model name, or what stands for a server that the request itself named. */
export interface RouteTable {
  readonly strategy: RoutingStrategy;
  readonly callSettings: CallSettings;
  /** Deployments of a key; empty when it has none. */
  group(key: string): readonly Deployment[];
  /** Keys to go on with when all of these failed, in order. */
  fallbacks(key: string): readonly string[];
}

/** Milliseconds that a request waits for the profiles of replicas it could do without. */
const profilePatience = 1_000;

/**
 * Serves a request from the first pool that can: each fingerprint of the model name's deployments, then of its fallbacks', healthy ones first, and
 * at the last resort those that are starting or cooling down. A ranking always comes from one pool alone, because scores of different
 * fingerprints do not compare.
 * @throws DheeraError of the last pool, or the first one that trying elsewhere cannot mend.
 */
export async function route<T>(table: RouteTable, key: string, context: RequestContext, serve: (pool: Pool) => Promise<T>): Promise<T> {
  const keys = [key, ...table.fallbacks(key)];
  const exhausted = new Set<Deployment>();
  /** Those that would not say what they are. */
  const silent = new Set<Deployment>();
  let failure: DheeraError | undefined;
  let current: string | undefined;

  for (const lastResort of [false, true]) {
    for (const candidate of keys) {
      for (;;) {
        const first = preferred(
          table.group(candidate).filter((deployment) => isCandidate(deployment, exhausted, lastResort)),
          table.strategy,
        )[0];
        if (!first) break;
        if (current !== undefined && current !== first.modelName && failure) tellFallback(context, current, first.modelName, failure);
        current = first.modelName;
        let members: readonly Deployment[] | undefined;
        try {
          const profile = lastResort
            ? await insistOnProfile(first, context, table.callSettings, silent.has(first))
            : await profileOf(first, table.group(candidate), context);
          const pool = new Pool(first.modelName, profile, table.group(candidate), table.strategy, lastResort, () =>
            keys.some((other) =>
              table.group(other).some((deployment) => !pool.includes(deployment) && isCandidate(deployment, exhausted, false)),
            ),
          );
          members = pool.all();
          return await serve(pool);
        } catch (error) {
          failure = upstreamError(error, first.provider, context.signal);
          if (!failure.retryable || context.signal.aborted) throw failure;
          if (!members) silent.add(first);
          for (const member of members ?? [first]) exhausted.add(member);
        }
      }
    }
    // Whoever was not called yet, or began to start meanwhile, is worth waiting for when nobody else could serve.
    for (const deployment of exhausted) if (silent.has(deployment) || deployment.waker.isWaking) exhausted.delete(deployment);
  }
  throw (
    failure ??
    new DheeraError("rate_limited", "every deployment of this model has used its requests of this minute", {
      retryAfter: secondsToNextMinute(),
    })
  );
}

function isCandidate(deployment: Deployment, exhausted: ReadonlySet<Deployment>, lastResort: boolean): boolean {
  return !exhausted.has(deployment) && deployment.hasBudget() && (lastResort || isReady(deployment));
}

/** The first deployment's profile; its replicas are asked at the same time, because whoever is unknown cannot help with this request. */
async function profileOf(first: Deployment, group: readonly Deployment[], { signal }: RequestContext): Promise<Profile> {
  const strangers = group.filter((deployment) => deployment !== first && !deployment.known && isReady(deployment));
  if (strangers.length === 0) return askProfile(first, signal);
  const patience = AbortSignal.any([signal, AbortSignal.timeout(profilePatience)]);
  const others = Promise.allSettled(strangers.map((deployment) => askProfile(deployment, patience)));
  const profile = await askProfile(first, signal);
  await others;
  return profile;
}

function tellFallback({ report, observer, callId }: RequestContext, from: string, to: string, { code }: DheeraError): void {
  report.fallbacks++;
  observer?.event?.({ type: "fallback", callId, from, to, code });
}

function secondsToNextMinute(): number {
  return 60 - (Math.floor(Date.now() / 1000) % 60);
}
