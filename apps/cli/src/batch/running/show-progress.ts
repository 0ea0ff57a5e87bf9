import { withProgress } from "../../progress.ts";
import type { Terminal } from "../../terminal.ts";

/** Of lines where standard error is no terminal. */
const lineMs = 10_000;

/** Says meanwhile how far it is: on a terminal in a line that is drawn again, else in a line each ten seconds. */
export async function showProgress<T>(
  terminal: Terminal,
  describe: (width: number | undefined) => string,
  work: () => Promise<T>,
): Promise<T> {
  if (terminal.showProgress) return await withProgress(terminal, () => describe(terminal.output.width), work);
  const timer = setInterval(() => terminal.printError(describe(undefined)), lineMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
