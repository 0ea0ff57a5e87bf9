import type { BunServer } from "./bun.ts";

/** Seconds of silence that Bun allows at most. */
const longestSilence = 255;
/** Milliseconds between two rounds. */
const pause = 30_000;
/** Rounds in an hour. */
const mostRounds = 120;

/**
 * Requests that wait for their answers. Bun closes a connection that is silent for a while, also when the answer only takes long: an endpoint
 * may take ten minutes to wake up. So whoever waits is given more time again and again. It ends after an hour, because a client that vanished
 * in the middle of its body looks the same; and the timeout is not just switched off, because that would outlast the request.
 */
export class WaitingRequests {
  /** By the round in which they came. */
  readonly #rounds = new Map<Request, number>();
  #round = 0;

  add(request: Request): void {
    this.#rounds.set(request, this.#round);
  }

  delete(request: Request): void {
    this.#rounds.delete(request);
  }

  /** Gives them time as long as the server runs. The function that comes back stops it. */
  hold(server: BunServer): () => void {
    const timer = setInterval(() => {
      this.#round++;
      for (const [request, came] of this.#rounds)
        if (this.#round - came <= mostRounds) server.timeout(request, longestSilence);
    }, pause);
    return () => clearInterval(timer);
  }
}
