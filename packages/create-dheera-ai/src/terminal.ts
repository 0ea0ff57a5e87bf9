/** What the process has, as values. */
export interface Terminal {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether somebody is there to be asked. */
  readonly isInteractive: boolean;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Aborted when the process is asked to end. */
  readonly stop: AbortSignal;
}
