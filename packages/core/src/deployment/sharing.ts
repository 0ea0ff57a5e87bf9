import type { Allowance } from "./allowance.ts";
import type { Health } from "./health.ts";
import type { ModelParams } from "./params.ts";

/** How many documents a deployment may have in flight: asked before each admission, and told how each call ended. */
export interface DeploymentAllowance extends Pick<
  Allowance,
  "documents" | "documentsPerCall" | "setLimit" | "refused" | "succeeded"
> {
  /** Calls that it may have in flight; its `max_parallel_requests` counts as well. */
  readonly calls?: number;
  /** Calls that may begin now, where more may be allowed in a moment: those beyond it wait. */
  readonly callsLeft?: number;
}

/** Calls of a minute: asked before each call whether there are any left, or may be in a moment. */
export interface DeploymentBudget {
  /** @param background present for work in the background, which leaves calls to others */
  isOpen(background?: object): boolean;
  /** A call begins. @param now by `performance.now()` */
  use(now: number, background?: object): void;
  /** Seconds until more calls may be made, where there are none left. */
  secondsLeft(now?: number): number;
}

/** Whether a deployment gets calls after failures: asked before each call, and told how each ended. */
export type DeploymentHealth = Pick<Health, keyof Health>;

/** What decides about the calls of one deployment. */
export interface Deciders {
  readonly allowance: DeploymentAllowance;
  readonly health: DeploymentHealth;
  /** The same object for all deployments that one `rpm` is for. */
  readonly budget: DeploymentBudget;
}

/** A deployment as those see it who decide together with other processes. */
export interface SharedDeployment {
  readonly id: string;
  readonly provider: string;
  /** The model without its provider prefix. */
  readonly model: string;
  readonly params: ModelParams;
  /** Set once the deployment is made. */
  readonly admission: {
    readonly documentsInFlight: number;
    readonly callsInFlight: number;
    readonly documentsQueued: number;
    /**
     * Of what is in flight that in the background, and what waits there, which is not counted above: it is no demand that
     * others have to make room for. Absent before something came in the background.
     */
    readonly background?: { readonly documentsInFlight: number; readonly documentsQueued: number } | undefined;
    /** There may be more in flight than before. */
    admitWaiting(): void;
  };
}

/**
 * Lets processes decide together about a server that they share. Called once for each deployment, with what would decide
 * about it alone.
 * @returns what decides in its place, all of which answers at once, until `leave` is called
 */
export type ShareDeployment = (deployment: SharedDeployment, alone: Deciders) => Deciders & { leave(): void };
