import { DheeraError } from "@dheera-ai/core";

import type { Claim, FilePart, KeptLine, ShardResult, Suspicion } from "../contract.ts";

/** What a queue does for one claim; false where the shard is somebody else's by now. */
export interface ClaimActions {
  kept(): Promise<readonly KeptLine[]>;
  keep(lines: readonly KeptLine[]): Promise<boolean>;
  suspect(suspicion: Suspicion): Promise<boolean>;
  finish(result: ShardResult): Promise<boolean>;
  release(): Promise<void>;
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
  readonly #held = new Map<string, AbortController>();

  add(shard: ClaimedShard, actions: ClaimActions): Claim {
    const { attempt } = shard;
    const lost = new AbortController();
    this.#held.set(attempt, lost);
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
          this.#held.set(attempt, lost);
          throw error;
        });
        if (!isFinished) lost.abort(givenAway());
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
    const lost = this.#held.get(attempt);
    this.#held.delete(attempt);
    lost?.abort(givenAway());
  }

  loseAll(): void {
    for (const attempt of this.attempts) this.lose(attempt);
  }
}

function givenAway(): DheeraError {
  return new DheeraError("cancelled", "this part of the batch was given to another worker");
}
