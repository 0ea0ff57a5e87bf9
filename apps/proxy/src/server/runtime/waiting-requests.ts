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
 */
export class WaitingRequests {
  /** Each request and the round in which it arrived. */
  readonly #rounds = new Map<Request, number>();
  #round = 0;

  add(request: Request): void {
    this.#rounds.set(request, this.#round);
  }

  delete(request: Request): void {
    this.#rounds.delete(request);
  }

  /** Extends timeouts until the returned function is called. */
  extendTimeouts(server: BunServer): () => void {
    const timer = setInterval(() => {
      this.#round++;
      for (const [request, arrived] of this.#rounds)
        if (this.#round - arrived <= mostRounds) server.timeout(request, idleTimeoutSeconds);
    }, roundMs);
    return () => clearInterval(timer);
  }
}
