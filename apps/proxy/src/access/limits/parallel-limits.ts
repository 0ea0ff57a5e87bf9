import { DheeraError } from "@dheera-ai/core";

import type { GeneralSettings } from "../../config/config.ts";
import type { Caller } from "../caller.ts";

/** Requests at one time, counted in this process: of each key and of those it belongs to, and over all callers. */
export interface ParallelLimits {
  /** Counts one more request until the returned function is called. @throws DheeraError `rate_limited` */
  enter(caller: Caller): () => void;
}

/** The number of requests in flight of each owner. It outlives a configuration. */
export interface ParallelCounts {
  total: number;
  readonly byOwner: Map<string, number>;
}

export function newParallelCounts(): ParallelCounts {
  return { total: 0, byOwner: new Map() };
}

export function createParallelLimits(settings: GeneralSettings, counts: ParallelCounts): ParallelLimits {
  const { max_parallel_requests: perKey, global_max_parallel_requests: overall = Number.POSITIVE_INFINITY } = settings;

  return {
    enter({ owners }) {
      for (const { kind, id, name, limits } of owners) {
        const most = limits.maxParallelRequests ?? (kind === "key" ? perKey : undefined);
        const own = counts.byOwner.get(kind + id) ?? 0;
        if (most !== undefined && own >= most)
          throw refuse(`the ${kind.replace("_", " ")} ${name} has ${own} requests in flight, which is its limit`);
      }
      if (counts.total >= overall) throw refuse(`the proxy has ${counts.total} requests in flight, which is its limit`);
      counts.total++;
      for (const { kind, id } of owners) counts.byOwner.set(kind + id, (counts.byOwner.get(kind + id) ?? 0) + 1);
      return () => {
        counts.total--;
        for (const { kind, id } of owners) {
          const left = (counts.byOwner.get(kind + id) ?? 1) - 1;
          if (left === 0) counts.byOwner.delete(kind + id);
          else counts.byOwner.set(kind + id, left);
        }
      };
    },
  };
}

function refuse(reason: string): DheeraError {
  return new DheeraError("rate_limited", `${reason}; try again soon`, { retryAfter: 1 });
}
