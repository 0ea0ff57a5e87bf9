import { DheeraError, isDheeraError } from "@dheera-ai/core";

/** Questions in one query. */
const questionsAtOnce = 200;
/** Questions that may wait: more come only from somebody who tries keys or cookies. */
const mostWaiting = 1_000;

interface Waiting<Answer> {
  readonly answer: Promise<Answer>;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Questions to the database, gathered: one query runs at a time, and whoever asks the same shares the answer. So people who try keys cost
 * one connection, and never keep those out whose keys are known. A question that the database refuses fails alone.
 */
export class LookUps<Answer> {
  readonly #ask: (questions: readonly string[]) => Promise<(question: string) => Answer>;
  readonly #waiting = new Map<string, Waiting<Answer>>();
  #isRunning = false;

  constructor(ask: (questions: readonly string[]) => Promise<(question: string) => Answer>) {
    this.#ask = ask;
  }

  /** @throws DheeraError `rate_limited` where too many wait */
  find(question: string): Promise<Answer> {
    const same = this.#waiting.get(question);
    if (same !== undefined) return same.answer;
    if (this.#waiting.size >= mostWaiting)
      return Promise.reject(
        new DheeraError(
          "rate_limited",
          "too many keys or sessions that are not known are tried at once; try again in a second",
          { retryAfter: 1 },
        ),
      );
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.set(question, { answer: promise, resolve, reject });
    if (!this.#isRunning) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.size > 0) {
      // All that comes in one turn of the event loop goes together.
      await Promise.resolve();
      const asked = [...this.#waiting].slice(0, questionsAtOnce);
      for (const [question] of asked) this.#waiting.delete(question);
      await this.#answer(asked);
    }
    this.#isRunning = false;
  }

  /** @returns why no more is to be asked of these, where that is so: the database is away */
  async #answer(asked: readonly (readonly [string, Waiting<Answer>])[]): Promise<unknown> {
    let answerOf: (question: string) => Answer;
    try {
      answerOf = await this.#ask(asked.map(([question]) => question));
    } catch (error) {
      // Such an error is about the database or about time, and no question is to blame for it.
      const isOfAll = isDheeraError(error);
      if (isOfAll || asked.length === 1) {
        for (const [, { reject }] of asked) reject(error);
        return isOfAll ? error : undefined;
      }
      const half = Math.ceil(asked.length / 2);
      const away = await this.#answer(asked.slice(0, half));
      if (away === undefined) return this.#answer(asked.slice(half));
      for (const [, { reject }] of asked.slice(half)) reject(away);
      return away;
    }
    for (const [question, { resolve, reject }] of asked)
      try {
        resolve(answerOf(question));
      } catch (error) {
        reject(error);
      }
    return undefined;
  }
}
