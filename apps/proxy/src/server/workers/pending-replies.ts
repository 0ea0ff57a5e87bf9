/** Matches replies from another process with the requests they belong to. */
export class PendingReplies<Reply> {
  readonly #pending = new Map<number, (reply: Reply) => void>();
  #last = 0;

  /** Sends a request under a new number. @returns the reply, or undefined when none arrives within `timeoutMs` */
  request(send: (id: number) => void, timeoutMs: number): Promise<Reply | undefined> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      const settle = (reply?: Reply): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
        resolve(reply);
      };
      const timer = setTimeout(settle, timeoutMs);
      this.#pending.set(id, settle);
      send(id);
    });
  }

  /** Resolves the request of this number; a reply that comes too late is dropped. */
  settle(id: number, reply: Reply): void {
    this.#pending.get(id)?.(reply);
  }
}
