import { DheeraError } from "@dheera-ai/core";
import { abortable } from "@dheera-ai/core/provider-utils";

/** Bytes with which a client has shown that it goes on: 512 a second with the default time. */
const enough = 65_536;

/** What a client sends, waited for as long as enough of it comes. The time in which nobody asks for more does not count. */
export class PatientPieces {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #stallMs: number;
  readonly #stop: AbortController;
  /** Of waiting, and what came, since there was enough. */
  #waited = 0;
  #arrived = 0;

  /** @param stop aborts with the reason why nothing more is read */
  constructor(pieces: AsyncIterable<Uint8Array>, stallMs: number, stop: AbortController) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#stallMs = stallMs;
    this.#stop = stop;
  }

  /** Undefined at the end. @throws DheeraError `timeout` for a client that is too slow, `cancelled` for one that is gone */
  async next(): Promise<Uint8Array | undefined> {
    const { signal } = this.#stop;
    const since = performance.now();
    const timer = setTimeout(() => this.stop(this.#stalled()), Math.max(0, this.#stallMs - this.#waited));
    try {
      const piece = await abortable(this.#pieces.next(), signal);
      if (piece.done) return undefined;
      this.#count(performance.now() - since, piece.value.byteLength);
      return piece.value;
    } catch (error) {
      throw signal.aborted ? signal.reason : gone(error);
    } finally {
      clearTimeout(timer);
    }
  }

  stop(reason: unknown): void {
    this.#stop.abort(reason);
  }

  /** A source that has nothing to say cannot be waited for. */
  leave(): void {
    void this.#pieces.return?.().catch(() => {});
  }

  #count(waited: number, bytes: number): void {
    this.#waited += waited;
    this.#arrived += bytes;
    if (this.#arrived < enough) return;
    this.#waited = 0;
    this.#arrived = 0;
  }

  #stalled(): DheeraError {
    return new DheeraError(
      "timeout",
      `file: less than 64 KiB arrived within ${this.#stallMs / 1_000} seconds (batch_settings.upload_stall_timeout), and nothing of the file is kept; send it again over a faster connection, or packed with gzip`,
      { param: "file" },
    );
  }
}

function gone(cause: unknown): DheeraError {
  return new DheeraError("cancelled", "the client went away before it had sent the whole file", { cause });
}
