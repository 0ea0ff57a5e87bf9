import type { Owner } from "@dheera-ai/teams";

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
