import type { Dheera } from "@dheera-ai/core";

/** What telemetry is about, as it is at the moment. */
export interface GatewaySnapshot {
  readonly dheera: Pick<Dheera, "models" | "deployments">;
  /** Names of the configured keys. */
  readonly keyNames: readonly string[];
  /** Absent when there is no score cache. */
  readonly cache?: CacheStats;
}

/** What is known of a score cache; the last two of one with Redis alone. */
interface CacheStats {
  readonly entries: number;
  readonly bytes: number;
  readonly redis?: "connecting" | "up" | "down";
  /** Reads and writes done without Redis. */
  readonly skipped?: number;
}

/** Looks at what is served now, which may be another configuration than at the last look. Undefined as long as there is none. */
export type TakeSnapshot = () => GatewaySnapshot | undefined;
