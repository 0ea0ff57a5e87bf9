import { DheeraError } from "@dheera-ai/core";

import type { GeneralSettings } from "../../config/config.ts";
import type { Caller } from "../check-key.ts";

/** Requests at one time, counted in this process: of each key, and over all callers. */
export interface ParallelLimits {
  /** Counts one more request until the returned function is called. @throws DheeraError `rate_limited` */
  enter(caller: Caller): () => void;
}

/** The number of requests in flight of each caller. It outlives a configuration. */
export interface ParallelCounts {
  total: number;
  readonly byName: Map<string, number>;
}

export function newParallelCounts(): ParallelCounts {
  return { total: 0, byName: new Map() };
}

export function createParallelLimits(settings: GeneralSettings, counts: ParallelCounts): ParallelLimits {
  const { max_parallel_requests: perKey, global_max_parallel_requests: overall = Number.POSITIVE_INFINITY } = settings;

  return {
    enter({ name, key }) {
      const most = key ? (key.max_parallel_requests ?? perKey) : undefined;
      const own = counts.byName.get(name) ?? 0;
      if (most !== undefined && own >= most)
        throw refuse(`the key ${name} has ${own} requests in flight, which is its limit`);
      if (counts.total >= overall) throw refuse(`the proxy has ${counts.total} requests in flight, which is its limit`);
      counts.total++;
      counts.byName.set(name, own + 1);
      return () => {
        counts.total--;
        const left = (counts.byName.get(name) ?? 1) - 1;
        if (left === 0) counts.byName.delete(name);
        else counts.byName.set(name, left);
      };
    },
  };
}

function refuse(reason: string): DheeraError {
  return new DheeraError("rate_limited", `${reason}; try again soon`, { retryAfter: 1 });
}
