import type { MemoryCacheStats, RedisCacheStats } from "@dheera-ai/cache";
import type { Dheera } from "@dheera-ai/core";

/** What telemetry is about, as it is at the moment: the configuration may have been replaced since the last look. */
export interface Subject {
  readonly dheera: Pick<Dheera, "models" | "deployments">;
  /** Names of the configured keys. */
  readonly keyNames: readonly string[];
  /** Of the score cache; absent when there is none. */
  readonly cache?: MemoryCacheStats | RedisCacheStats;
}

/** Undefined as long as there is no configuration yet. */
export type Look = () => Subject | undefined;
