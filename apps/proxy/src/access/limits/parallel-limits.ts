import { DheeraError } from "@dheera-ai/core";

import type { Owner } from "@dheera-ai/teams";

import type { GeneralSettings } from "../../config/config.ts";
import type { Caller } from "../caller.ts";

/** Requests at one time, counted in this process: of each key and of those it belongs to, and over all callers. */
export interface ParallelLimits {
  /** Counts one more request until the returned function is called. @throws DheeraError `rate_limited` */
  enter(caller: Caller): () => void;
  /** Whether a line of a batch may enter: the lines of all batches leave half of the places to requests that somebody waits for. */
  hasRoomForLine(caller: Caller): boolean;
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

  const mostOf = ({ kind, limits }: Owner): number | undefined =>
    limits.maxParallelRequests ?? (kind === "key" ? perKey : undefined);

  return {
    hasRoomForLine: ({ owners }) =>
      counts.total < Math.ceil(overall / 2) &&
      owners.every((owner) => {
        const most = mostOf(owner);
        return most === undefined || (counts.byOwner.get(owner.kind + owner.id) ?? 0) < Math.ceil(most / 2);
      }),
    enter({ owners }) {
      for (const owner of owners) {
        const { kind, id, name } = owner;
        const most = mostOf(owner);
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
