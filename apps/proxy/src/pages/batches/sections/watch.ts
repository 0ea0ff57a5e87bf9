import { Refusal } from "../../browser/refusal.ts";
import type { Scene } from "./scene.ts";

/** What a look has found: how soon something may be new. */
export type Pace = "running" | "still" | "over";

const pauses = { running: 1_000, away: 3_000, still: 10_000 } as const;

/** Looks again and again while the page is visible, one look at a time, until nothing can change any more or it is stopped. */
export class Watch {
  readonly #look: () => Promise<Pace>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #isLooking = false;
  #hasFailed = false;
  readonly #scene: Pick<Scene, "complain" | "calm">;

  constructor(scene: Pick<Scene, "complain" | "calm">, look: () => Promise<Pace>) {
    this.#scene = scene;
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
    let found: Pace | "away";
    try {
      found = await this.#look();
      if (this.#hasFailed) this.#scene.calm();
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#isOver) this.#scene.complain(error);
      this.#hasFailed = true;
      found = mayPass(error) ? "away" : "over";
    }
    this.#isLooking = false;
    this.#plan(found);
  }

  #plan(found: Pace | "away"): void {
    if (found === "over") return this.stop();
    if (!this.#isOver && !document.hidden) this.#timer = setTimeout(() => void this.#again(), pauses[found]);
  }
}

/** Whether another look may fare better than one that failed: what answers was away or had no time. */
function mayPass(error: unknown): boolean {
  return error instanceof Refusal && (error.status === 0 || error.status === 429 || error.status >= 500);
}
