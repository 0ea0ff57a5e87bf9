import { type ChildProcess, fork } from "node:child_process";
import type { SQLInputValue } from "node:sqlite";

import { DheeraError, isDheeraError } from "@dheera-ai/core";
import { childEnvironment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { tookTooLong } from "../report-errors.ts";
import { type Answer, isAnswer, type Order, ready } from "./messages.ts";
import { readerProgram } from "./program.ts";

/** What SQLite refused. */
export class RefusedStatement extends Error {
  /** SQLite's name for its code, as `node:sqlite` has it. */
  readonly errcode: number | undefined;

  constructor(message: string, code: number | undefined) {
    super(message);
    this.errcode = code;
  }
}

/** Where SQLite sorts what has no place in memory: https://sqlite.org/tempfiles.html */
const placeOfSorting = "SQLITE_TMPDIR";
/** Milliseconds. */
const timeToStart = 10_000;

/**
 * A process that reads one file of SQLite. It is a process and no thread, because a thread that is within SQLite cannot be ended: it goes on
 * to the end of its statement, and whoever stops meanwhile waits for it.
 */
export class Reader {
  readonly #child: ChildProcess;
  /** Starting is no part of the time of a statement: on a busy machine it takes as long as many of them. */
  readonly #ready = Promise.withResolvers<void>();
  #asked: PromiseWithResolvers<Answer> | undefined;
  #failure: Error | undefined;

  constructor(path: string) {
    this.#child = fork(readerProgram(), [path], {
      serialization: "advanced",
      // What this process was started with (a debugger, conditions, a profile; keys and passwords) is not for another program.
      execArgv: [],
      env: childEnvironment(processEnvironment(), [placeOfSorting]),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child.on("message", (message: unknown) => {
      if (message === ready) this.#ready.resolve();
      else if (isAnswer(message)) this.#asked?.resolve(message);
    });
    this.#child.on("error", (error) => this.#fail(ended("could not be started", error)));
    this.#child.on("exit", (code, signal) => this.#fail(ended(`ended (${signal ?? `code ${code}`})`)));
    this.#ready.promise.catch(() => {});
    this.#keepsAlive(false);
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Why it answers no more: a statement took too long, or it ended; undefined while it does. */
  get lostBy(): "timeout" | "ended" | undefined {
    if (this.#failure === undefined) return undefined;
    return isDheeraError(this.#failure) && this.#failure.code === "timeout" ? "timeout" : "ended";
  }

  get isAlive(): boolean {
    return this.#failure === undefined;
  }

  /**
   * @param time milliseconds, after which the process is ended
   * @throws RefusedStatement; DheeraError `timeout`, or `unavailable` where the process is lost
   */
  async read(sql: string, parameters: readonly SQLInputValue[], time: number): Promise<readonly unknown[]> {
    this.#keepsAlive(true);
    let timer = setTimeout(() => this.end(ended("does not start")), timeToStart);
    try {
      await this.#ready.promise;
      clearTimeout(timer);
      timer = setTimeout(() => this.end(tookTooLong("reports")), time);
      const rows: unknown[] = [];
      for (let order: Order = { sql, parameters, time }; ; order = "more") {
        const answer = await this.#ask(order);
        if ("error" in answer) throw new RefusedStatement(answer.error, answer.code);
        for (const row of answer.rows) rows.push(row);
        if (answer.isLast) return rows;
      }
    } finally {
      clearTimeout(timer);
      this.#keepsAlive(false);
    }
  }

  /** At once, whatever it does: a process that only reads leaves nothing behind. @param reason for whoever waits for an answer */
  end(reason: Error): void {
    this.#fail(reason);
    this.#child.kill("SIGKILL");
  }

  #ask(order: Order): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const asked = Promise.withResolvers<Answer>();
    this.#asked = asked;
    this.#child.send(order, (error) => {
      // It is ending, or of no use to anyone: its end says how it ended.
      if (error) this.#child.kill("SIGKILL");
    });
    return asked.promise;
  }

  #fail(reason: Error): void {
    this.#failure ??= reason;
    this.#ready.reject(this.#failure);
    this.#asked?.reject(this.#failure);
  }

  /** A process that nobody asks anything keeps nobody from ending. */
  #keepsAlive(does: boolean): void {
    const { channel } = this.#child;
    if (does) {
      this.#child.ref();
      channel?.ref?.();
    } else {
      this.#child.unref();
      // Bun's has neither, and keeps nobody.
      channel?.unref?.();
    }
  }
}

function ended(how: string, cause?: unknown): DheeraError {
  const message = `the process that makes reports ${how}; try again, or ask for less`;
  return new DheeraError("unavailable", message, { cause, retryAfter: 1 });
}
