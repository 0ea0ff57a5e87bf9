import type { Claim, Suspicion } from "../../contract.ts";
import type { LineFailure } from "../../batches/result-line.ts";

/** Deaths of a shard's workers after which its lines are asked alone; and of one line's, or of what is done with the whole shard. */
const deathsUntilCaution = 2;
const deathsUntilFailure = 3;

/** Of lines after which each worker has died. */
export const workerLost: LineFailure = {
  code: "worker_lost",
  message: `The process that worked on this line died ${deathsUntilFailure} times; it is not asked again.`,
};

/**
 * How to go on with a shard whose workers have died: its lines are asked while nothing else is asked in the process, and which they are
 * is noted before, so that whoever comes after a death knows whom to suspect. First a group, and after a death each of the group alone.
 */
export class Caution {
  /** Lines that kill. */
  readonly guilty: readonly number[];
  /** Reading the shard or writing its results kills. */
  readonly isAllGuilty: boolean;
  readonly #claim: Claim;
  /** Suspects, to be asked alone before all others. */
  readonly #suspects: number[];
  /** Deaths of the shard when one line was first asked alone. */
  readonly #since = new Map<number, number>();
  #noted: Suspicion | undefined;

  /** Undefined where nothing speaks against the shard. */
  static of(claim: Claim): Caution | undefined {
    return claim.deaths < deathsUntilCaution && !claim.suspicion ? undefined : new Caution(claim);
  }

  private constructor(claim: Claim) {
    this.#claim = claim;
    this.#noted = claim.suspicion;
    const { suspicion, deaths } = claim;
    const { lines, deaths: before } = suspicion ?? { lines: [], deaths };
    const [first] = lines;
    const hasKilled = deaths - before >= deathsUntilFailure;
    this.isAllGuilty = hasKilled && lines.length === 0;
    this.guilty = hasKilled && lines.length === 1 ? lines : [];
    this.#suspects = deaths > before && this.guilty.length === 0 ? [...lines] : [];
    if (first !== undefined && lines.length === 1) this.#since.set(first, before);
  }

  nextSuspect(): number | undefined {
    return this.#suspects.shift();
  }

  /** Before they are asked. */
  async note(lines: readonly number[]): Promise<void> {
    const { deaths } = this.#claim;
    const [first] = lines;
    const since = first !== undefined && lines.length === 1 ? (this.#since.get(first) ?? deaths) : deaths;
    const suspicion = { lines, deaths: since };
    await this.#claim.suspect(suspicion);
    this.#noted = suspicion;
  }

  /** Before something is done with the whole shard. */
  async noteShard(): Promise<void> {
    if (this.#noted?.lines.length !== 0) await this.note([]);
  }
}
