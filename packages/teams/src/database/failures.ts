import { DheeraError } from "@dheera-ai/core";
import pg from "pg";

import type { Use } from "./open-database.ts";
import { tookTooLong, tooManyReports } from "./report-errors.ts";
import type { TroubleWatch } from "./trouble.ts";

/** What errors of the driver mean for callers, and whether they tell that the database cannot be used. */
export class Failures {
  readonly watch: TroubleWatch;
  readonly #use: Use | undefined;

  constructor(watch: TroubleWatch, use: Use | undefined) {
    this.watch = watch;
    this.#use = use;
  }

  /**
   * Refusals of one statement stay what they are; what says that the database cannot be used becomes `unavailable`: broken connections, a
   * server that starts, stops, is full, refuses this user or only reads, statements that took too long. A report that took too long asked
   * for too much, and what is deleted can be deleted later.
   */
  explain(error: unknown): Error {
    const code = error instanceof pg.DatabaseError ? (error.code ?? "") : undefined;
    if (code === canceled && (this.#use === "reports" || this.#use === "upkeep")) {
      this.watch.answered();
      return tookTooLong(this.#use, error);
    }
    if (error instanceof pg.DatabaseError && !/^(08|28|3D|53|57|58)|^(25006|25P03|55P03)/.test(error.code ?? "")) {
      this.watch.answered();
      return error;
    }
    const mayPass = !/^(28|3D)/.test(code ?? "");
    return this.watch.failed(error instanceof Error ? describe(error) : String(error), error, mayPass);
  }

  /**
   * Without a connection: where all are in use and the server answers them, this process asks for more than it may, and the database is
   * well. Where none got an answer meanwhile, it hangs.
   * @param begun when the wait for one began
   */
  explainMissing(error: unknown, begun: number): Error {
    const isOwnQueue = error instanceof Error && error.message === queueIsLong;
    const isReport = this.#use === "reports";
    if (!isOwnQueue || !(isReport || this.watch.answeredAt >= begun)) return this.explain(error);
    if (isReport) return tooManyReports(error);
    const message = "too much is asked of the database at once; try again in a while";
    return new DheeraError("unavailable", message, { cause: error, retryAfter: 1 });
  }
}

/** SQLSTATE of a statement that the server ended because of its time. */
const canceled = "57014";
/** What the pool says when none of its connections became free in time; one that cannot be made is told otherwise. */
const queueIsLong = "timeout exceeded when trying to connect";

/** Several addresses that were tried are an error of errors, without a message of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(String).join("; ");
  return error.message;
}
