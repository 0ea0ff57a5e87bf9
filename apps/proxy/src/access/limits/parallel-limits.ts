import { DheeraError } from "@dheera-ai/core";

import type { Owner } from "@dheera-ai/teams";

import type { GeneralSettings } from "../../config/config.ts";
import type { Caller } from "../caller.ts";
import type { ParallelCounts } from "./parallel-counts.ts";

/** Requests at one time, counted in this process: of each key and of those it belongs to, and over all callers. */
export interface ParallelLimits {
  /** Counts one more request until the returned function is called. @throws DheeraError `rate_limited` */
  enter(caller: Caller): () => void;
  /** Whether a line of a batch may enter: the lines of all batches leave half of the places to requests that somebody waits for. */
  hasRoomForLine(caller: Caller): boolean;
}

export function createParallelLimits(settings: GeneralSettings, counts: ParallelCounts): ParallelLimits {
  const { max_parallel_requests: perKey, global_max_parallel_requests: overall = Number.POSITIVE_INFINITY } = settings;

  const mostOf = ({ kind, limits }: Owner): number =>
    limits.maxParallelRequests ?? (kind === "key" ? perKey : undefined) ?? Number.POSITIVE_INFINITY;

  return {
    hasRoomForLine({ owners }) {
      const own = counts.of(owners);
      return (
        counts.total < Math.ceil(overall / 2) &&
        owners.every((owner, position) => (own[position]?.count ?? 0) < Math.ceil(mostOf(owner) / 2))
      );
    },
    enter({ owners }) {
      const own = counts.of(owners);
      for (const [position, owner] of owners.entries()) {
        const { count } = own[position] ?? { count: 0 };
        if (count >= mostOf(owner))
          throw refuse(
            `the ${owner.kind.replace("_", " ")} ${owner.name} has ${count} requests in flight, which is its limit`,
          );
      }
      if (counts.total >= overall) throw refuse(`the proxy has ${counts.total} requests in flight, which is its limit`);
      counts.total++;
      for (const inFlight of own) inFlight.count++;
      return () => {
        counts.total--;
        for (const inFlight of own) inFlight.count--;
      };
    },
  };
}

function refuse(reason: string): DheeraError {
  return new DheeraError("rate_limited", `${reason}; try again soon`, { retryAfter: 1 });
}
