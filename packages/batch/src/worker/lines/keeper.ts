import type { KeptLine } from "../../contract.ts";

/** How long a line that has ended waits for others that are kept with it. What is not kept is asked again after a crash. */
const waitMs = 25;
/** Lines that are kept without waiting for more; with twice as many nothing more is asked of their shard, whatever the disk does. */
const manyLines = 128;

/** Keeps lines a few together, one time after the other. */
export class Keeper {
  readonly #keep: (lines: readonly KeptLine[]) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #kept: () => void;
  #lines: KeptLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #isKeeping = false;
  #inHand = 0;

  constructor(keep: (lines: readonly KeptLine[]) => Promise<void>, kept: () => void, failed: (error: unknown) => void) {
    this.#kept = kept;
    this.#keep = keep;
    this.#failed = failed;
  }

  /** Whether a crash would lose so many lines that no more should be asked. */
  get isBehind(): boolean {
    return this.#inHand >= 2 * manyLines;
  }

  add(line: KeptLine): void {
    this.#inHand++;
    this.#lines.push(line);
    if (this.#isKeeping) return;
    if (this.#lines.length >= manyLines) this.#start();
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
        this.#inHand -= lines.length;
        this.#kept();
      }
    } finally {
      this.#isKeeping = false;
    }
  }
}
