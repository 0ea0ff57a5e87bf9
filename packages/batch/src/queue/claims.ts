import { DheeraError } from "@dheera-ai/core";

import type { Claim, FilePart, KeptLine, ShardResult, Suspicion } from "../contract.ts";

/** What a queue does for one claim; false where the shard is somebody else's by now. */
export interface ClaimActions {
  kept(): Promise<readonly KeptLine[]>;
  keep(lines: readonly KeptLine[]): Promise<boolean>;
  suspect(suspicion: Suspicion): Promise<boolean>;
  finish(result: ShardResult): Promise<boolean>;
  release(): Promise<void>;
  /** It was given away, and this process lives: that it died with the shard is not so. */
  takeBackDeath(): Promise<void>;
}

interface HeldClaim {
  readonly lost: AbortController;
  readonly actions: ClaimActions;
}

export interface ClaimedShard {
  readonly batchId: string;
  readonly shard: number;
  readonly part: FilePart;
  readonly attempt: string;
  readonly deaths: number;
  readonly suspicion?: Suspicion | undefined;
}

/** The claims that this process holds, each until it has ended or was lost. */
export class Claims {
  readonly #held = new Map<string, HeldClaim>();
  readonly #takingBack = new Set<Promise<void>>();

  add(shard: ClaimedShard, actions: ClaimActions): Claim {
    const { attempt } = shard;
    const lost = new AbortController();
    this.#held.set(attempt, { lost, actions });
    return {
      ...shard,
      lost: lost.signal,
      kept: () => actions.kept(),
      keep: async (lines) => {
        if (lines.length === 0) return;
        if (!lost.signal.aborted && (await actions.keep(lines))) return;
        this.lose(attempt);
        throw givenAway();
      },
      suspect: async (suspicion) => {
        if (!lost.signal.aborted && (await actions.suspect(suspicion))) return;
        this.lose(attempt);
        throw givenAway();
      },
      finish: async (result) => {
        // While it ends it is nobody's to lose.
        if (!this.#held.delete(attempt)) return false;
        const isFinished = await actions.finish(result).catch((error: unknown) => {
          this.#held.set(attempt, { lost, actions });
          throw error;
        });
        if (!isFinished) this.#giveAway({ lost, actions });
        return isFinished;
      },
      release: async () => {
        if (this.#held.delete(attempt)) await actions.release();
      },
    };
  }

  get attempts(): readonly string[] {
    return [...this.#held.keys()];
  }

  lose(attempt: string): void {
    const held = this.#held.get(attempt);
    this.#held.delete(attempt);
    if (held) this.#giveAway(held);
  }

  /** When the queue closes, which gives back what was held. */
  async loseAll(): Promise<void> {
    for (const { lost } of this.#held.values()) lost.abort(givenAway());
    this.#held.clear();
    await Promise.all(this.#takingBack);
  }

  #giveAway({ lost, actions }: HeldClaim): void {
    lost.abort(givenAway());
    // Where the queue is away, the death counts: it makes the next worker cautious, no more.
    const takingBack = actions
      .takeBackDeath()
      .catch(() => undefined)
      .finally(() => this.#takingBack.delete(takingBack));
    this.#takingBack.add(takingBack);
  }
}

function givenAway(): DheeraError {
  return new DheeraError("cancelled", "this part of the batch was given to another worker");
}
