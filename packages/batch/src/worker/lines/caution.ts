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
 * How to go on with a shard whose workers have died: what may have been the reason is done while its process asks nothing else, and is
 * noted before and after, so that whoever comes after a death knows whom to suspect, and blames nobody who only waited. Of lines first a
 * group, and after a death each of the group alone.
 */
export class Caution {
  /** Lines that kill. */
  readonly guilty: readonly number[];
  /** Checking the input, reading the shard or writing its results kills. */
  readonly isAllGuilty: boolean;
  readonly #claim: Claim;
  /** To be asked alone before all others. */
  #suspects: readonly number[];
  /** The only suspect of the note that was found, and how many deaths it is to blame for. */
  readonly #single: number | undefined;
  readonly #deathsOfLine: number;
  readonly #deathsOfWhole: number;

  /** Undefined where nothing speaks against the shard. */
  static of(claim: Claim): Caution | undefined {
    return claim.deaths < deathsUntilCaution && !claim.suspicion ? undefined : new Caution(claim);
  }

  private constructor(claim: Claim) {
    this.#claim = claim;
    const { doing, lines, deaths, deathsOfLine, deathsOfWhole } = claim.suspicion ?? nothingOf(claim);
    // Of several deaths with one note only the first is of what it says: the others came before they noted anything.
    const diedOf = claim.deaths > deaths ? doing : undefined;
    this.#suspects = doing === "asks" && diedOf === undefined ? [] : lines;
    this.#single = this.#suspects.length === 1 ? this.#suspects[0] : undefined;
    this.#deathsOfLine = this.#single === undefined ? 0 : deathsOfLine + (diedOf === "asks" ? 1 : 0);
    this.#deathsOfWhole = deathsOfWhole + (diedOf === "whole" ? 1 : 0);
    this.isAllGuilty = this.#deathsOfWhole >= deathsUntilFailure;
    this.guilty = this.#deathsOfLine >= deathsUntilFailure ? this.#suspects : [];
  }

  nextSuspect(): number | undefined {
    const [suspect, ...others] = this.#suspects;
    this.#suspects = others;
    return suspect;
  }

  /** When the shard was taken: what a worker that died was doing must not stand while this one waits. */
  async begin(): Promise<void> {
    if (this.#claim.suspicion?.doing) await this.noteWaiting();
  }

  /** Before they are asked. */
  async noteLines(lines: readonly number[]): Promise<void> {
    await this.#note("asks", lines);
  }

  /** After something was done, so that deaths from now on count against nobody. */
  async noteWaiting(): Promise<void> {
    await this.#note(undefined, this.#suspects);
  }

  /** Something with the whole shard. */
  async doWhole<T>(act: () => Promise<T>): Promise<T> {
    await this.#note("whole", this.#suspects);
    try {
      return await act();
    } finally {
      await this.noteWaiting();
    }
  }

  async #note(doing: Suspicion["doing"], lines: readonly number[]): Promise<void> {
    const isSingle = lines.length === 1 && lines[0] === this.#single;
    await this.#claim.suspect({
      doing,
      lines,
      deaths: this.#claim.deaths,
      deathsOfLine: isSingle ? this.#deathsOfLine : 0,
      deathsOfWhole: this.#deathsOfWhole,
    });
  }
}

function nothingOf({ deaths }: Claim): Suspicion {
  return { lines: [], deaths, deathsOfLine: 0, deathsOfWhole: 0 };
}
