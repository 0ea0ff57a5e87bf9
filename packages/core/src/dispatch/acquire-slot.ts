import type { AdmissionOptions } from "../deployment/admission.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { noBudget } from "../deployment/minute-budget.ts";
import { type Slot, isReady, tryTakeSlot, waitForSlot } from "../deployment/slot.ts";
import { DheeraError } from "../errors.ts";
import { abortable } from "../lib/abortable.ts";
import type { Pool } from "../routing/pool.ts";
import type { RoutingStrategy } from "../routing/settings.ts";

export interface SlotOptions extends AdmissionOptions {
  /** Decides between free deployments instead of the pool's own strategy. */
  readonly strategy: RoutingStrategy | undefined;
}

/** A slot at the best deployment of the pool that was not tried yet, if it is ready and has room now. */
export function tryAcquireSlot(
  pool: Pool,
  documents: number,
  tried: ReadonlySet<Deployment>,
  { strategy, signal }: SlotOptions,
): Slot<Deployment> | undefined {
  const [best] = pool.members(tried, strategy);
  return best && !signal.aborted && isReady(best) ? tryTakeSlot(best, documents) : undefined;
}

/**
 * Waits for a slot at a deployment of the pool, at those not tried yet as long as there are some, and while servers start.
 * @throws DheeraError `provider_overloaded` or `rate_limited` when none can be had; the signal's reason when it aborts.
 */
export async function acquireSlot(
  pool: Pool,
  documents: number,
  tried: ReadonlySet<Deployment>,
  options: SlotOptions,
): Promise<Slot<Deployment>> {
  for (;;) {
    const members = pool.members(tried, options.strategy);
    if (members.length === 0) throw pool.all().some(({ budget }) => budget.isOpen()) ? unavailable() : noBudget();
    const started = members.filter(({ warmUp }) => !warmUp.isRunning);
    if (started.length === 0) {
      await abortable(Promise.race(members.map(({ warmUp }) => warmUp.start())), options.signal);
      continue;
    }
    const slot = await waitForSlot(started, documents, options);
    if (slot) return slot;
  }
}

function unavailable(): DheeraError {
  return new DheeraError(
    "provider_overloaded",
    "no deployment of this model may be called at the moment; try again later",
    { retryAfter: 1 },
  );
}
