import { Refused } from "../http/answer.ts";
import { countTokens } from "../oracle.ts";
import { type Visit, refused } from "../http/request-context.ts";

/** A text, or a pair of texts. */
export type Sequence = readonly [string, string?];

/** The wire's tri-state: absent and null mean what the server was started with. */
export type Truncate = boolean | null | undefined;

/** Throws when the server takes no batch of this size. */
export function checkBatchSize(visit: Visit, size: number): void {
  const most = visit.settings.maxClientBatchSize;
  if (size > most) throw refused(visit, "Validation", `batch size ${size} > maximum allowed batch size ${most}`);
}

/** Lets the model work on each sequence, and tells in headers what it cost. Each sequence takes a permit of its own, at once or not at all. */
export async function compute(
  visit: Visit,
  sequences: readonly Sequence[],
  truncate: Truncate,
): Promise<Record<string, string>> {
  const started = performance.now();
  const lengths: number[] = [];
  let refusal: Refused | undefined;
  for (const sequence of sequences) {
    const outcome = admit(visit, sequence, truncate ?? visit.settings.autoTruncate);
    // What was admitted beside a refused sequence is computed all the same, and then thrown away.
    if (typeof outcome === "number") lengths.push(outcome);
    else refusal ??= outcome;
  }
  await visit.engine.compute(lengths, visit.signal, () => visit.permits.release());
  if (refusal !== undefined) throw refusal;
  if (sequences.some((sequence) => illnessOf(visit, sequence) === "nan"))
    throw refused(visit, "Backend", "score is NaN");
  return {
    "x-compute-type": visit.settings.pads ? "cpu" : "gpu+optimized",
    ...computeHeaders(sequences, lengths, Math.round(performance.now() - started)),
  };
}

/** Takes a permit and counts tokens. */
function admit(visit: Visit, sequence: Sequence, truncate: boolean): number | Refused {
  if (!visit.permits.tryAcquire()) return refused(visit, "Overloaded", "Model is overloaded");
  const outcome = tokenize(visit, sequence, truncate);
  if (typeof outcome !== "number") visit.permits.release();
  return outcome;
}

function tokenize(visit: Visit, sequence: Sequence, truncate: boolean): number | Refused {
  const { maxInputLength } = visit.settings;
  if (sequence.every((text) => text === ""))
    return refused(visit, "Empty", "Input validation error: `inputs` cannot be empty");
  if (illnessOf(visit, sequence) === "tokenizer") return refused(visit, "Tokenizer", "Tokenization error");
  const characters = maxInputLength * 250;
  if (sequence.some((text = "") => text.length > characters))
    return refused(
      visit,
      "Validation",
      `Input validation error: \`inputs\` must have less than ${characters} characters`,
    );
  const special = sequence.length + 1;
  const tokens = sequence.reduce<number>((sum, text = "") => sum + countTokens(text), special);
  if (truncate || tokens <= maxInputLength) return Math.min(tokens, maxInputLength);
  return refused(
    visit,
    "Validation",
    `Input validation error: \`inputs\` must have less than ${maxInputLength} tokens. Given: ${tokens}`,
  );
}

function illnessOf(visit: Visit, [first, second]: Sequence): string | undefined {
  return visit.settings.illness(second ?? first);
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
