/** Matches answers from another process with the questions they belong to. */
export class PendingReplies<Answer> {
  readonly #open = new Map<number, (answer: Answer) => void>();
  #last = 0;

  /** Puts a question under a new number. @param patience milliseconds; undefined comes back after them */
  ask(put: (id: number) => void, patience: number): Promise<Answer | undefined> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      const settle = (answer?: Answer): void => {
        clearTimeout(timer);
        this.#open.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(settle, patience);
      this.#open.set(id, settle);
      put(id);
    });
  }

  /** Nobody may be waiting any more. */
  answer(id: number, answer: Answer): void {
    this.#open.get(id)?.(answer);
  }
}
