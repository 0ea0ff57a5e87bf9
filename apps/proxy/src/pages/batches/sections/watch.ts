import { Refusal } from "../../browser/refusal.ts";

/** What a look has found: how soon something may be new. */
export type Pace = "running" | "still" | "over";

const pauses = { running: 1_000, still: 10_000 } as const;

/** Looks again and again while the page is visible, one look at a time, until nothing can change any more or it is stopped. */
export class Watch {
  readonly #look: () => Promise<Pace>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #isLooking = false;

  constructor(look: () => Promise<Pace>) {
    this.#look = look;
    document.addEventListener("visibilitychange", this.#wake);
  }

  /** @param first what the look has found that was made before */
  begin(first: Pace): void {
    this.#plan(first);
  }

  /** Looks at once, because something was done. */
  hurry(): void {
    clearTimeout(this.#timer);
    void this.#again();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#wake);
  }

  readonly #wake = (): void => {
    if (!document.hidden) this.hurry();
  };

  async #again(): Promise<void> {
    if (this.#isOver || this.#isLooking) return;
    this.#isLooking = true;
    let found: Pace;
    try {
      found = await this.#look();
    } catch (error) {
      // Another look would be refused as this one was, unless what answers is away.
      found =
        error instanceof Refusal && (error.status === 0 || error.status === 429 || error.status >= 500)
          ? "still"
          : "over";
    }
    this.#isLooking = false;
    this.#plan(found);
  }

  #plan(found: Pace): void {
    if (found === "over") return this.stop();
    if (!this.#isOver && !document.hidden) this.#timer = setTimeout(() => void this.#again(), pauses[found]);
  }
}
