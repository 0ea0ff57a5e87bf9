import type { KeptLine } from "../contract.ts";

/** How long a line that has ended waits for others that are kept with it. What is not kept is asked again after a crash. */
const waitMs = 25;
const mostLines = 256;

/** Keeps lines a few together, one time after the other. */
export class Keeper {
  readonly #keep: (lines: readonly KeptLine[]) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #lines: KeptLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #isKeeping = false;

  constructor(keep: (lines: readonly KeptLine[]) => Promise<void>, failed: (error: unknown) => void) {
    this.#keep = keep;
    this.#failed = failed;
  }

  add(line: KeptLine): void {
    this.#lines.push(line);
    if (this.#isKeeping) return;
    if (this.#lines.length >= mostLines) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), waitMs);
  }

  /** Everything that was added is kept when it resolves. */
  async flush(): Promise<void> {
    if (!this.#isKeeping) this.#start();
    await this.#keeping;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    this.#isKeeping = true;
    this.#keeping = this.#run();
    this.#keeping.catch((error: unknown) => this.#failed(error));
  }

  async #run(): Promise<void> {
    try {
      while (this.#lines.length > 0) {
        const lines = this.#lines;
        this.#lines = [];
        await this.#keep(lines);
      }
    } finally {
      this.#isKeeping = false;
    }
  }
}
