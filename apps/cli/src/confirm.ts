import { UsageError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Whether a person agrees.
 * @param yes the answer of the command line
 * @throws UsageError where nobody can be asked
 */
export async function confirm(
  { ask, stop }: Pick<Terminal, "ask" | "stop">,
  question: string,
  yes: boolean,
): Promise<boolean> {
  if (yes) return true;
  if (!ask) throw new UsageError(`${question} There is no terminal to ask on; --yes says yes`);
  const answer = await ask(`${question} (y/N) `).catch((error: unknown) => {
    // Ctrl-c is a no.
    if (stop.aborted) return "";
    throw error;
  });
  return /^\s*y(?:es)?\s*$/i.test(answer);
}
