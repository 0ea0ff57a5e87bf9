import { isDheeraError } from "../errors.ts";
import type { ExplainedCall } from "../request/explanation.ts";

/** Notes the calls of one request; exists only for a request that asked for an explanation. */
export class CallLog {
  readonly #entries: Entry[] = [];

  /** Runs a call and notes how it went. */
  async record<Result>(deployment: string, details: NotedDetails, run: () => Promise<Result>): Promise<Result> {
    const entry: Entry = { deployment, details, started: performance.now() };
    this.#entries.push(entry);
    try {
      return await run();
    } catch (error) {
      entry.error = isDheeraError(error) ? error.code : "internal";
      throw error;
    } finally {
      entry.ended = performance.now();
    }
  }

  /** The calls in the order in which they began. One that still runs is a copy that lost: it is about to be cancelled. */
  calls(): readonly ExplainedCall[] {
    return this.#entries.map(({ deployment, details, started, ended, error }) => {
      const failure = error ?? (ended === undefined ? "cancelled" : undefined);
      return {
        deployment,
        model: details.modelName,
        documents: details.documents ?? [],
        attempt: details.attempt,
        ...(details.hedge && { hedge: true as const }),
        queue_ms: rounded(details.queueMilliseconds),
        duration_ms: rounded((ended ?? performance.now()) - started),
        ...(failure !== undefined && { error: failure }),
      };
    });
  }
}

/** What is noted of a call beside its deployment and its end. */
interface NotedDetails {
  readonly modelName: string;
  readonly attempt: number;
  readonly hedge: boolean;
  readonly queueMilliseconds: number;
  readonly documents?: readonly number[] | undefined;
}

interface Entry {
  readonly deployment: string;
  readonly details: NotedDetails;
  readonly started: number;
  ended?: number;
  error?: ExplainedCall["error"];
}

/** Rounds to a hundredth: further digits are noise. */
export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
