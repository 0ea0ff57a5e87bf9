import { Refused } from "../http/answer.ts";
import { countTokens } from "../oracle.ts";
import { type RequestContext, refused } from "../http/request-context.ts";

/** A text, or a pair of texts. */
export type Sequence = readonly [string, string?];

/** The wire's tri-state: absent and null mean what the server was started with. */
export type Truncate = boolean | null | undefined;

/** Throws when the server takes no batch of this size. */
export function checkBatchSize(context: RequestContext, size: number): void {
  const most = context.settings.maxClientBatchSize;
  if (size > most) throw refused(context, "Validation", `batch size ${size} > maximum allowed batch size ${most}`);
}

/**
 * Lets the model work on each sequence.
 * @returns headers that say what it cost. Each sequence takes a permit of its own, at once or not at all.
 */
export async function compute(
  context: RequestContext,
  sequences: readonly Sequence[],
  truncate: Truncate,
): Promise<Record<string, string>> {
  const started = performance.now();
  const lengths: number[] = [];
  let refusal: Refused | undefined;
  for (const sequence of sequences) {
    const outcome = admit(context, sequence, truncate ?? context.settings.autoTruncate);
    // What was admitted beside a refused sequence is computed all the same, and then thrown away.
    if (typeof outcome === "number") lengths.push(outcome);
    else refusal ??= outcome;
  }
  await context.engine.compute(lengths, context.signal, () => context.permits.release());
  if (refusal !== undefined) throw refusal;
  if (sequences.some((sequence) => illnessOf(context, sequence) === "nan"))
    throw refused(context, "Backend", "score is NaN");
  return {
    "x-compute-type": context.settings.pads ? "cpu" : "gpu+optimized",
    ...computeHeaders(sequences, lengths, Math.round(performance.now() - started)),
  };
}

/** Takes a permit and counts tokens. */
function admit(context: RequestContext, sequence: Sequence, truncate: boolean): number | Refused {
  if (!context.permits.tryAcquire()) return refused(context, "Overloaded", "Model is overloaded");
  const outcome = tokenize(context, sequence, truncate);
  if (typeof outcome !== "number") context.permits.release();
  return outcome;
}

function tokenize(context: RequestContext, sequence: Sequence, truncate: boolean): number | Refused {
  const { maxInputLength } = context.settings;
  if (sequence.every((text) => text === ""))
    return refused(context, "Empty", "Input validation error: `inputs` cannot be empty");
  if (illnessOf(context, sequence) === "tokenizer") return refused(context, "Tokenizer", "Tokenization error");
  const characters = maxInputLength * 250;
  if (sequence.some((text = "") => text.length > characters))
    return refused(
      context,
      "Validation",
      `Input validation error: \`inputs\` must have less than ${characters} characters`,
    );
  const special = sequence.length + 1;
  const tokens = sequence.reduce<number>((sum, text = "") => sum + countTokens(text), special);
  if (truncate || tokens <= maxInputLength) return Math.min(tokens, maxInputLength);
  return refused(
    context,
    "Validation",
    `Input validation error: \`inputs\` must have less than ${maxInputLength} tokens. Given: ${tokens}`,
  );
}

function illnessOf(context: RequestContext, [first, second]: Sequence): string | undefined {
  return context.settings.illness(second ?? first);
}

function computeHeaders(
  sequences: readonly Sequence[],
  lengths: readonly number[],
  milliseconds: number,
): Record<string, string> {
  return {
    "x-compute-time": String(milliseconds),
    "x-compute-characters": String(sequences.flat().reduce<number>((sum, text = "") => sum + countCharacters(text), 0)),
    "x-compute-tokens": String(lengths.reduce((sum, length) => sum + length, 0)),
    "x-total-time": String(milliseconds),
    "x-tokenization-time": "0",
    "x-queue-time": "0",
    "x-inference-time": String(milliseconds),
  };
}

/** Unicode scalar values, as Rust counts. */
function countCharacters(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF]/g)?.length ?? 0);
}
