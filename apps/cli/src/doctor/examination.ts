import type { ErrorCode, Profile, ScoreKind } from "@dheera-ai/core";
import type { MeasuredSettings } from "@dheera-ai/local/tuning";

/** What the doctor found out about one deployment. `--output json` prints it unchanged. */
export type Examination = Reached | Unreached;

export interface ExaminedDeployment {
  readonly model_name: string;
  /** Id of the deployment, as headers, logs and metrics name it. */
  readonly deployment: string;
  /** `<provider>/<model>`. */
  readonly model: string;
  readonly api_base?: string;
}

export interface Reached extends ExaminedDeployment {
  readonly reachable: true;
  /** `cold`: the server had to start or wake up first. */
  readonly state: "warm" | "cold";
  /** `none`: the configuration gives no key. */
  readonly auth: "accepted" | "none";
  /** Software and version, as the server reports them. */
  readonly server?: string;
  readonly scoring: Profile["scoring"];
  readonly billing: Profile["billing"];
  readonly score_kind: ScoreKind;
  readonly fingerprint: string;
  readonly limits: {
    readonly documents_per_call?: number;
    readonly bytes_per_call?: number;
    readonly tokens_per_document?: number;
    readonly documents_in_flight?: number;
  };
  /** Milliseconds until the first score, connecting and waking included. */
  readonly first_answer_ms: number;
  /** Empty where each search costs money. */
  readonly throughput: readonly Throughput[];
  /**
   * Largest difference of one pair's score between calls; 0 where scores repeat exactly. Absent where each search costs
   * money.
   */
  readonly score_difference?: number;
  /** For a model that runs on this machine: what it does as it is set, then otherwise. */
  readonly settings?: readonly MeasuredSettings[];
  readonly warnings: readonly string[];
  readonly recommendations: readonly string[];
}

export interface Unreached extends ExaminedDeployment {
  readonly reachable: false;
  readonly auth: "refused" | "unknown";
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** One measured request: the median of several. */
export interface Throughput {
  readonly documents: number;
  /** Calls it was split into. */
  readonly calls: number;
  readonly milliseconds: number;
  readonly documents_per_second: number;
}
