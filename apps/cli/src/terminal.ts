/** What commands know of the process: `main.ts` passes it to them. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: Input;
  readonly output: Output;
  /** Writes one line to standard error: an error or a warning, never a result. */
  printError(line: string): void;
  /**
   * Shows a line on standard error that the next one replaces, and nothing replaces when it is absent. Undefined where
   * standard error is no terminal.
   */
  readonly showProgress?: ((line?: string) => void) | undefined;
  /**
   * Asks a person for one line, on standard error; an end of input is an empty one. Undefined where nobody can answer.
   * Rejects when `stop` aborts.
   */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal;
  /** Of this program. */
  readonly version: string;
}

export interface Input {
  /** Whether it is a terminal, where a person would have to type the documents. */
  readonly interactive: boolean;
  /** Reads to the end of input. */
  read(): Promise<Uint8Array>;
  /** The same, as it comes. */
  stream(): AsyncIterable<Uint8Array>;
}

export interface Output {
  /** Whether it is a terminal; pipes and files get JSON. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Writes one line, or several. */
  print(line: string): void;
  /** Writes any bytes; resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
}
