import type { DheeraError } from "../errors.ts";
import {
  type AdmissionController,
  type AdmissionFlow,
  type AdmissionOptions,
  mostPerCall,
  waitForAdmission,
} from "./admission.ts";
import type { Latency } from "./health.ts";
import type { DeploymentBudget, DeploymentHealth } from "./sharing.ts";
import type { Silence } from "./silence.ts";
import type { WarmUp } from "./warm-up.ts";

/** What a deployment keeps account of while calls run. */
export interface CallAccounts {
  readonly admission: AdmissionController;
  readonly health: DeploymentHealth;
  readonly latency: Latency;
  readonly budget: DeploymentBudget;
  readonly warmUp: WarmUp;
  readonly silence: Silence;
  readonly counters: CallCounters;
}

export interface CallCounters {
  calls: number;
  failures: number;
  /** Calls sent a second time because this deployment was slow. */
  hedges: number;
}

/**
 * A lease on a deployment for one call of some documents. Taking it counts the call and makes it the probe after a
 * cooldown; exactly one of `succeeded`, `failed` and `abandoned` gives it back.
 */
export class Slot<Deployment extends CallAccounts = CallAccounts> {
  readonly deployment: Deployment;
  readonly documents: number;
  /** Documents in flight when the call began. */
  readonly inFlight: number;
  readonly startedAt: number = performance.now();
  readonly #flow: AdmissionFlow;
  readonly #started = performance.now();

  /** The documents must have been admitted. */
  constructor(deployment: Deployment, documents: number, flow: AdmissionFlow) {
    this.deployment = deployment;
    this.documents = documents;
    this.inFlight = deployment.admission.documentsInFlight;
    this.#flow = flow;
    deployment.counters.calls++;
    deployment.admission.begins();
    deployment.health.began(this.startedAt);
    deployment.budget.use(this.startedAt, flow.background);
  }

  /** The call brought scores. @returns whether that ended a cooldown. */
  succeeded(): boolean {
    const { latency, health, admission } = this.deployment;
    const milliseconds = performance.now() - this.#started;
    latency.add(milliseconds, this.documents);
    const recovered = health.succeeded();
    admission.allowance.succeeded(this);
    admission.release(this.documents, this.#flow, milliseconds);
    return recovered;
  }

  /**
   * The call failed for a reason that says something about the deployment.
   * @returns seconds of the cooldown that this began; 0 when none did.
   */
  failed({ code, retryAfter }: DheeraError): number {
    const { counters, admission, health, warmUp } = this.deployment;
    counters.failures++;
    if (code === "provider_overloaded") admission.allowance.refused(this, "overload");
    if (code === "provider_rate_limited") admission.allowance.refused(this, "rate");
    if (code === "provider_starting") void warmUp.start(retryAfter);
    const seconds = health.failed(code, retryAfter);
    admission.release(this.documents, this.#flow);
    return seconds;
  }

  /** The call ended without saying anything about the deployment: it was cancelled, or a document was rejected. */
  abandoned(): void {
    this.deployment.health.ended();
    this.deployment.admission.release(this.documents, this.#flow);
  }
}

/** A slot at this deployment if it has room now. */
export function tryTakeSlot<Deployment extends CallAccounts>(
  deployment: Deployment,
  documents: number,
  flow: AdmissionFlow,
): Slot<Deployment> | undefined {
  return deployment.admission.tryAdmit(documents, flow) ? new Slot(deployment, documents, flow) : undefined;
}

/**
 * Waits for a slot at one of the deployments; the first is preferred when several have room.
 * @returns nothing when the deployment that had room may not be called any more: its calls of this minute were used
 * meanwhile, or it began to cool down or to start although others did not; or when its allowance was lowered below the
 * batch, which is to be divided; or when work in the background was raised.
 * @throws DheeraError `provider_overloaded` when the queues are full or the deadline cannot be met; the signal's reason
 * when it aborts.
 */
export async function waitForSlot<Deployment extends CallAccounts>(
  deployments: readonly Deployment[],
  documents: number,
  options: AdmissionOptions,
): Promise<Slot<Deployment> | undefined> {
  const controllers = deployments.map(({ admission }) => admission);
  const controller = await waitForAdmission(controllers, documents, options);
  if (!controller) return undefined;
  const deployment = deployments.find(({ admission }) => admission === controller);
  const fits = !options.divisible || documents <= mostPerCall(controller, options.flow);
  if (fits && deployment?.budget.isOpen(options.flow.background) && (isReady(deployment) || !deployments.some(isReady)))
    return new Slot(deployment, documents, options.flow);
  controller.begins();
  controller.release(documents, options.flow);
  return undefined;
}

/** Neither cooling down nor starting nor silent. */
export function isReady({ health, warmUp, silence }: CallAccounts): boolean {
  return health.isOpen() && !warmUp.isRunning && !silence.isSilent;
}
