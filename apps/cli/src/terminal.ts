/** The outside as commands see it. Only `main.ts` knows the process. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: Input;
  readonly output: Output;
  /** Writes one line for people: errors and warnings, never results. */
  complain(line: string): void;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal;
  /** This program's own. */
  readonly version: string;
}

export interface Input {
  /** Whether a person would have to type it. */
  readonly interactive: boolean;
  /** Everything up to the end of input, as UTF-8. */
  read(): Promise<string>;
}

export interface Output {
  /** Whether a person reads it; pipes and files get JSON. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Writes one line, or several. */
  print(line: string): void;
}
