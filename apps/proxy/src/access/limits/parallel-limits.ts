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

/** Owners that are kept although nothing of theirs is in flight. */
const mostIdle = 20_000;

/** The requests in flight of one owner. */
export interface InFlight {
  count: number;
}

/** The requests in flight of all callers, and of each owner. They outlive a configuration. */
export class ParallelCounts {
  total = 0;
  readonly #ofOwners = new Map<string, InFlight>();
  #ofLists = new WeakMap<readonly Owner[], readonly InFlight[]>();
  #most = mostIdle;

  /** Of each owner, in their order. A caller has the same list at each request: it is found by itself, and no name is put together again. */
  of(owners: readonly Owner[]): readonly InFlight[] {
    const known = this.#ofLists.get(owners);
    if (known !== undefined) return known;
    if (this.#ofOwners.size >= this.#most) this.#forgetIdle();
    const found = owners.map(({ kind, id }) => this.#find(`${kind} ${id}`));
    this.#ofLists.set(owners, found);
    return found;
  }

  #find(name: string): InFlight {
    const known = this.#ofOwners.get(name);
    if (known !== undefined) return known;
    const inFlight = { count: 0 };
    this.#ofOwners.set(name, inFlight);
    return inFlight;
  }

  /** No list may go on with counts that nothing else knows. */
  #forgetIdle(): void {
    for (const [name, { count }] of this.#ofOwners) if (count === 0) this.#ofOwners.delete(name);
    this.#ofLists = new WeakMap();
    this.#most = Math.max(mostIdle, 2 * this.#ofOwners.size);
  }
}
