import { waitForAdmission } from "../deployment/admission.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { abortable, limitedAbort } from "../lib/waiting.ts";
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
 * Counts tokens at the first deployment of a pool that can; nothing where none can. Its calls are admitted as those that
 * score are, so that no tenant floods the server with them; a request counts before it scores, so it waits for no place
 * that it holds itself. Counting is not scoring: it takes no slot, and its failure says nothing about the deployment.
 */
export function tokenCounter(pool: Pool, context: RequestContext): CountTokens | undefined {
  const deployment = pool.all().find(({ scorer }) => scorer.countTokens);
  return deployment && ((texts) => countAll(deployment, texts, context));
}

async function countAll(
  deployment: Deployment,
  texts: readonly string[],
  context: RequestContext,
): Promise<readonly number[] | undefined> {
  const calls = divide(texts, deployment.knownProfile?.limits.documentsPerCall ?? textsPerCall);
  const counts: number[] = [];
  for (let first = 0; first < calls.length; first += callsAtOnce) {
    const some = calls.slice(first, first + callsAtOnce);
    for (const part of await Promise.all(some.map((call) => countAdmitted(deployment, call, context)))) {
      if (!part) return undefined;
      counts.push(...part);
    }
  }
  return counts;
}

/** @throws DheeraError `provider_overloaded` where the calls that score would be refused as well */
async function countAdmitted(
  deployment: Deployment,
  texts: readonly string[],
  context: RequestContext,
): Promise<readonly number[] | undefined> {
  const { admission } = deployment;
  const { signal, deadline } = context;
  await waitForAdmission([admission], texts.length, { flow: context, signal, deadline, divisible: false });
  admission.begins();
  try {
    return await countOnce(deployment, texts, signal);
  } finally {
    admission.release(texts.length, context);
  }
}

/** Undefined also when the server fails: estimates serve the caller better than an error. */
async function countOnce(
  { scorer, params }: Deployment,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const limited = limitedAbort(signal, Math.min(timeoutSeconds, params.timeout ?? timeoutSeconds) * 1000);
  try {
    const counts = await abortable(Promise.resolve(scorer.countTokens?.(texts, limited.signal)), limited.signal);
    return counts && isCount(counts, texts.length) ? counts : undefined;
  } catch {
    if (signal.aborted) throw signal.reason;
    return undefined;
  } finally {
    limited.close();
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
