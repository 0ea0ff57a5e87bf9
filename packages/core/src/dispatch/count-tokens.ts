import type { Deployment } from "../deployment/deployment.ts";
import { abortable } from "../lib/waiting.ts";
import type { CountTokens } from "../plan/counted-chunks.ts";
import type { Pool } from "../routing/pool.ts";
import type { RequestContext } from "./context.ts";

/** Characters of one call, unless one text alone has more: a server may answer with some 70 bytes for each token. */
const charactersPerCall = 65_536;
/** Texts of one call where no limit is known. */
const textsPerCall = 32;
const callsAtOnce = 4;
/** Seconds within which a call should be answered: counting is much cheaper than scoring. */
const timeoutSeconds = 5;

/**
 * Counts tokens at the first deployment of a pool that can; nothing where none can. Counting is not scoring: it takes no
 * slot, and its failure says nothing about the deployment.
 */
export function tokenCounter(pool: Pool, { signal }: RequestContext): CountTokens | undefined {
  const deployment = pool.all().find(({ scorer }) => scorer.countTokens);
  return deployment && ((texts) => countAll(deployment, texts, signal));
}

async function countAll(
  deployment: Deployment,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const calls = divide(texts, deployment.knownProfile?.limits.documentsPerCall ?? textsPerCall);
  const counts: number[] = [];
  for (let first = 0; first < calls.length; first += callsAtOnce) {
    const some = calls.slice(first, first + callsAtOnce);
    for (const part of await Promise.all(some.map((call) => countOnce(deployment, call, signal)))) {
      if (!part) return undefined;
      counts.push(...part);
    }
  }
  return counts;
}

/** Undefined also when the server fails: estimates serve the caller better than an error. */
async function countOnce(
  { scorer, params }: Deployment,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const limit = AbortSignal.timeout(Math.min(timeoutSeconds, params.timeout ?? timeoutSeconds) * 1000);
  const either = AbortSignal.any([signal, limit]);
  try {
    const counts = await abortable(Promise.resolve(scorer.countTokens?.(texts, either)), either);
    return counts && isCount(counts, texts.length) ? counts : undefined;
  } catch {
    if (signal.aborted) throw signal.reason;
    return undefined;
  }
}

function isCount(counts: readonly unknown[], texts: number): boolean {
  return counts.length === texts && counts.every((count) => Number.isSafeInteger(count) && Number(count) >= 0);
}

function divide(texts: readonly string[], most: number): readonly (readonly string[])[] {
  const calls: string[][] = [];
  let call: string[] | undefined;
  let characters = 0;
  for (const text of texts) {
    if (!call || call.length === most || characters + text.length > charactersPerCall) {
      calls.push((call = []));
      characters = 0;
    }
    call.push(text);
    characters += text.length;
  }
  return calls;
}
