import type { Deployment } from "../deployment/deployment.ts";
import { DheeraError } from "../errors.ts";
import { type AdmissionOptions, enter } from "../deployment/admission.ts";
import { noBudget } from "../deployment/minute-budget.ts";
import { abortable } from "../lib/abortable.ts";
import { type Pool, isReady } from "../routing/pool.ts";
import type { RoutingStrategy } from "../routing/settings.ts";

export interface SlotOptions extends AdmissionOptions {
  /** Decides between free places instead of the pool's own strategy. */
  readonly strategy: RoutingStrategy | undefined;
}

/**
 * Takes a place for a batch at the best deployment that has one, elsewhere than where it was tried as long as there is an elsewhere; waits for one if
 * need be, and while servers start. The deployment is told in the same breath, so that a probe after a cooldown stays one.
 * @throws DheeraError `provider_overloaded` or `rate_limited` when no place can be had
 */
export function acquireSlot(
  pool: Pool,
  documents: number,
  tried: ReadonlySet<Deployment>,
  options: SlotOptions,
): Deployment | Promise<Deployment> {
  const [best] = pool.members(tried, options.strategy);
  if (!best || options.signal.aborted || !isReady(best) || !best.admission.tryAdmit(documents))
    return waitForSlot(pool, documents, tried, options);
  best.began();
  return best;
}

async function waitForSlot(
  pool: Pool,
  documents: number,
  tried: ReadonlySet<Deployment>,
  options: SlotOptions,
): Promise<Deployment> {
  for (;;) {
    const members = pool.members(tried, options.strategy);
    if (members.length === 0) throw pool.all().some(({ budget }) => budget.isOpen()) ? unavailable() : noBudget();
    const awake = members.filter((member) => !member.warmUp.isRunning);
    if (awake.length === 0) {
      await abortable(Promise.race(members.map((member) => member.warmUp.wake(undefined))), options.signal);
      continue;
    }
    const controllers = awake.map((member) => member.admission);
    const entering = enter(controllers, documents, options);
    const admission = entering instanceof Promise ? await entering : entering;
    const deployment = awake.find((member) => member.admission === admission);
    if (deployment && (isReady(deployment) || !awake.some(isReady))) {
      deployment.began();
      return deployment;
    }
    // It began to cool down or to start while we waited for it, and others did not.
    admission.leave(documents, false);
  }
}

function unavailable(): DheeraError {
  return new DheeraError(
    "provider_overloaded",
    "no deployment of this model may be called at the moment; try again later",
    {
      retryAfter: 1,
    },
  );
}
