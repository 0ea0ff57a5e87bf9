import type { Children } from "./children.ts";

/**
 * Children by what they are: scorers of the same model with the same settings share them. A scorer is counted from when it
 * is connected, before its model is known, so that children outlive a reload: the new scorers are connected before the old
 * ones are closed, and take them over at their first call.
 */
export class SharedChildren {
  readonly #places = new Map<string, Place>();

  /** Process ids of all that run. */
  get pids(): readonly number[] {
    return [...this.#places.values()].flatMap(({ children }) => [...children.values()].flatMap(({ pids }) => pids));
  }

  /** @param place What is known of a scorer when it is connected: the model's name and all settings. */
  connect(place: string): Connection {
    const here = this.#places.get(place) ?? { scorers: new Set(), children: new Map() };
    this.#places.set(place, here);
    const scorer: Scorer = { key: undefined };
    here.scorers.add(scorer);
    return {
      take: (key, make) => {
        scorer.key = key;
        const known = here.children.get(key);
        const children = known ?? make();
        if (!known) here.children.set(key, children);
        void this.#closeUnused(place, here);
        return children;
      },
      release: () => {
        here.scorers.delete(scorer);
        return this.#closeUnused(place, here);
      },
    };
  }

  /** Those that no scorer has taken, and none of those that have not chosen yet may take. */
  async #closeUnused(place: string, { scorers, children }: Place): Promise<void> {
    if (scorers.size === 0) this.#places.delete(place);
    const isUndecided = [...scorers].some(({ key }) => key === undefined);
    const unused = [...children].filter(([key]) => !isUndecided && ![...scorers].some((scorer) => scorer.key === key));
    for (const [key] of unused) children.delete(key);
    await Promise.all(unused.map(([, one]) => one.close()));
  }
}

/** A scorer's part in children that others may share. */
export interface Connection {
  /**
   * The children of this model as it is now.
   * @param key What they are: equal where they may be shared.
   */
  take(key: string, make: () => Children): Children;
  /** The scorer asks for nothing any more. Resolves when the children that were its alone are gone. */
  release(): Promise<void>;
}

interface Place {
  readonly scorers: Set<Scorer>;
  readonly children: Map<string, Children>;
}

interface Scorer {
  /** Of the children that it has taken. */
  key: string | undefined;
}

/** Those of this process. */
export const sharedChildren: SharedChildren = new SharedChildren();
