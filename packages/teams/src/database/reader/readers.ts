import { DheeraError } from "@dheera-ai/core";

import type { ReportFigures } from "../open-database.ts";
import { tooManyReports } from "../report-errors.ts";
import { Reader } from "./reader.ts";

export interface ReadersOptions {
  readonly atOnce: number;
  /** Milliseconds to wait for one. */
  readonly patience: number;
  /** Milliseconds after which one that nobody needs is ended. */
  readonly idle: number;
}

type Waiting = PromiseWithResolvers<void>;

/** Milliseconds that reports have to end when all is closed. */
const timeToEnd = 1_000;

/** The processes that read one file: none until one is asked for, and no more than so many at once. */
export class Readers {
  readonly #path: string;
  readonly #options: ReadersOptions;
  readonly #idle = new Map<Reader, NodeJS.Timeout>();
  readonly #inUse = new Set<Reader>();
  readonly #waiting = new Set<Waiting>();
  /** Those that were promised to someone, also where they have not been started yet. */
  #taken = 0;
  readonly #failed = { refused: 0, timeout: 0, ended: 0 };
  #isClosed = false;
  #emptied: (() => void) | undefined;

  constructor(path: string, options: ReadersOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** @throws DheeraError `unavailable` where none becomes free in time */
  async take(): Promise<Reader> {
    if (this.#isClosed) throw closed();
    if (this.#taken >= this.#options.atOnce) await this.#turn();
    else this.#taken++;
    try {
      const reader = this.#idleOne() ?? new Reader(this.#path);
      this.#inUse.add(reader);
      return reader;
    } catch (error) {
      this.#pass();
      throw error;
    }
  }

  figures(): ReportFigures {
    const processes = [...this.#inUse, ...this.#idle.keys()].filter(({ isAlive }) => isAlive).length;
    return { processes, waiting: this.#waiting.size, failed: { ...this.#failed } };
  }

  giveBack(reader: Reader): void {
    this.#inUse.delete(reader);
    if (reader.lostBy !== undefined && !this.#isClosed) this.#failed[reader.lostBy]++;
    if (reader.isAlive && !this.#isClosed) this.#keep(reader);
    else reader.end(closed());
    this.#pass();
  }

  /** What is under way has a second to end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting) reject(closed());
    for (const [reader, timer] of this.#idle) {
      clearTimeout(timer);
      reader.end(closed());
    }
    this.#idle.clear();
    if (this.#taken === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptied = resolve;
    const timer = setTimeout(() => {
      for (const reader of this.#inUse) reader.end(closed());
    }, timeToEnd);
    await promise;
    clearTimeout(timer);
  }

  /** Resolves when another's is free, which stays taken. */
  async #turn(): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#failed.refused++;
      turn.reject(tooManyReports());
    }, this.#options.patience);
    this.#waiting.add(turn);
    await turn.promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(turn);
    });
  }

  /** Of those who wait, the first gets what is free now. */
  #pass(): void {
    const [first] = this.#waiting;
    if (first !== undefined) {
      this.#waiting.delete(first);
      first.resolve();
    } else if (--this.#taken === 0) this.#emptied?.();
  }

  #idleOne(): Reader | undefined {
    for (const [reader, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(reader);
      if (reader.isAlive) return reader;
    }
    return undefined;
  }

  #keep(reader: Reader): void {
    const timer = setTimeout(() => {
      this.#idle.delete(reader);
      reader.end(closed());
    }, this.#options.idle).unref();
    this.#idle.set(reader, timer);
  }
}

function closed(): DheeraError {
  return new DheeraError("unavailable", "the database is closed: this process stops", { retryAfter: 1 });
}
