import type { BunServer } from "./bun.ts";

/** The longest idle timeout that Bun allows. */
const idleTimeoutSeconds = 255;
const roundMs = 30_000;
/** Rounds in an hour. */
const mostRounds = 120;

/**
 * Requests that wait for their answers. Bun closes a connection without data after a while, also when the answer only
 * takes long: an endpoint may take ten minutes to start. So the timeouts of waiting requests are extended again and
 * again. That ends after an hour, because a client that vanished in the middle of its body looks the same; and the
 * timeout is not switched off instead, because that would outlast the request.
 *
 * They are in a list, because a `Map` or `Set` would keep those that have left, see `removeFrom` in core.
 */
export class WaitingRequests {
  readonly #all: Waiting[] = [];
  #round = 0;

  /** @returns what `delete` takes */
  add(request: Request): Waiting {
    const waiting = { request, arrived: this.#round, position: this.#all.length };
    this.#all.push(waiting);
    return waiting;
  }

  /** Takes the same time however many wait. */
  delete({ position }: Waiting): void {
    const last = this.#all.pop();
    if (!last || last.position === position) return;
    this.#all[position] = last;
    last.position = position;
  }

  /** Extends timeouts until the returned function is called. */
  extendTimeouts(server: BunServer): () => void {
    const timer = setInterval(() => {
      this.#round++;
      for (const { request, arrived } of this.#all)
        if (this.#round - arrived <= mostRounds) server.timeout(request, idleTimeoutSeconds);
    }, roundMs);
    return () => clearInterval(timer);
  }
}

interface Waiting {
  readonly request: Request;
  /** The round. */
  readonly arrived: number;
  /** In the list. */
  position: number;
}
