import type { Scorer } from "../contract.ts";
import { sleep, abortable } from "../lib/abortable.ts";
import { upstreamError } from "../upstream/upstream-error.ts";

const longestWake = 600_000;
/** Seconds between questions to a server that does not say when it will be ready: from the first, doubling, to the longest. */
const firstPause = 0.5;
const longestPause = 15;

/**
 * Wakes a server, and asks it again and again until it serves, or fails in a way that waiting cannot mend, or ten minutes have passed. Never rejects.
 * @param estimate Seconds until it is worth asking.
 */
export async function waitUntilReady(scorer: Scorer, estimate: number | undefined): Promise<void> {
  const signal = AbortSignal.timeout(longestWake);
  try {
    // What it throws, the question that follows tells more exactly.
    if (scorer.wake) await abortable(scorer.wake(signal), signal).catch(() => {});
    else await sleep(secondsUntil(estimate, 0) * 1000, signal, "background");
    for (let asked = 1; !(await answers(scorer, signal)); asked++)
      await sleep(secondsUntil(undefined, asked) * 1000, signal, "background");
  } catch {
    // Ten minutes have passed.
  }
}

/** Whether waiting longer is of no use, because it serves or because it will never. */
async function answers(scorer: Scorer, signal: AbortSignal): Promise<boolean> {
  try {
    await abortable(
      scorer.score({ query: "ready?", documents: ["ready"], params: {}, providerOptions: {}, signal }),
      signal,
    );
    return true;
  } catch (error) {
    return !upstreamError(error, "", signal).retryable;
  }
}

function secondsUntil(estimate: number | undefined, asked: number): number {
  return Math.min(Math.max(estimate ?? 0, firstPause * 2 ** asked), longestPause);
}
