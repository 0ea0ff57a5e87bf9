import type { Profile } from "./contract.ts";

/** What is known of one deployment, fit to be shown: no key. */
export interface DeploymentStatus {
  readonly id: string;
  readonly modelName: string;
  readonly provider: string;
  readonly model: string;
  readonly apiBase?: string;
  /** `starting`: the server loads its model or wakes up. `cooling`: left alone after failures. `unknown`: never called. */
  readonly state: "unknown" | "healthy" | "starting" | "cooling";
  readonly documentsInFlight: number;
  readonly documentsQueued: number;
  /** Documents it may have in flight now: the server's limit, lowered while it refuses. */
  readonly documentsAllowed: number;
  readonly calls: number;
  readonly failures: number;
  /** Milliseconds of recent calls. Absent before the first. */
  readonly latency?: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Code of the last failure, while it has not succeeded since. */
  readonly lastError?: string;
  /** The last profile it gave. */
  readonly profile?: Profile;
}
