import type { Score, ScoreKind, ScoreResult, Usage } from "../contract.ts";
import { DheeraError } from "../errors.ts";
import type { RelevantSpan } from "../request/api.ts";
import { type Unchecked, findNoText, isScoreKind, isUnchecked, scoreKindsInWords } from "./check-fields.ts";
import { providerFault } from "./provider-fault.ts";

/** A result that is as the contract says. Nothing of it is the provider's own any more. */
export interface CheckedResult {
  /** In the order of the call's documents. */
  readonly scores: Float64Array;
  readonly scoreKind: ScoreKind;
  readonly usage?: Usage | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly truncated?: readonly number[] | undefined;
  readonly keep?: boolean | undefined;
  /** By index of the call's documents; absent where no score has any. */
  readonly details?: ReadonlyMap<number, ScoreDetails> | undefined;
}

/** What else an upstream says of a document. */
export interface ScoreDetails extends NonNullable<Score["details"]> {
  readonly relevant_spans?: readonly RelevantSpan[];
}

/** How far beyond 0..1 a probability may lie that was computed in few bits: bfloat16 has steps of 0.008 there. */
const roundingError = 0.01;

/**
 * Checks all that a call gave before anything of it is used: each document has exactly one finite score, and what stands
 * beside the scores is what the contract says. By hand, because it runs for each call.
 * @param count Documents of the call.
 * @param usualKind The profile's.
 * @throws DheeraError `provider_bad_response`, which names the provider.
 */
export function checkResult(
  result: ScoreResult,
  count: number,
  provider: string,
  usualKind: ScoreKind = "unknown",
): CheckedResult {
  if (!isUnchecked<ScoreResult>(result)) throw fault(provider, "", result, "an object");
  const { scores, details } = checkScores(result.scores, count, provider);
  const { scoreKind = usualKind, usage, warnings, truncated, keep } = result;
  if (!isScoreKind(scoreKind)) throw fault(provider, "scoreKind", scoreKind, scoreKindsInWords);
  if (keep !== undefined && typeof keep !== "boolean") throw fault(provider, "keep", keep, "true or false");
  const said = {
    scores,
    scoreKind,
    usage: usage === undefined ? undefined : checkUsage(usage, provider),
    warnings: warnings === undefined ? undefined : checkWarnings(warnings, provider),
    truncated: truncated === undefined ? undefined : checkTruncated(truncated, count, provider),
    details,
    keep,
  };
  return scoreKind === "probability" && !areProbabilities(scores) ? withUnknownKind(said, provider) : said;
}

function checkScores(
  rows: unknown,
  count: number,
  provider: string,
): { readonly scores: Float64Array; readonly details: CheckedResult["details"] } {
  if (!Array.isArray(rows)) throw fault(provider, "scores", rows, "a list");
  if (rows.length !== count) throw noRanking(provider, `${rows.length} scores came back for ${count} documents`);
  const scores = new Float64Array(count).fill(Number.NaN);
  let details: Map<number, ScoreDetails> | undefined;
  for (let position = 0; position < count; position++) {
    const row: unknown = rows[position];
    if (!isRow(row)) throw fault(provider, `scores[${position}]`, row, "an object with index and score");
    const { index, score } = row;
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= count)
      throw noRanking(
        provider,
        `${typeof index === "number" ? `index ${index}` : "an index"} is outside 0 to ${count - 1}`,
      );
    if (!Number.isNaN(scores[index])) throw noRanking(provider, `index ${index} came back twice`);
    if (typeof score !== "number" || !Number.isFinite(score))
      throw noRanking(provider, `the score of index ${index} is not a finite number`);
    scores[index] = score;
    if (row.details !== undefined) (details ??= new Map()).set(index, checkDetails(row.details, position, provider));
  }
  return { scores, details };
}

function checkDetails(details: unknown, position: number, provider: string): ScoreDetails {
  if (!isUnchecked<ScoreDetails>(details)) throw fault(provider, `scores[${position}].details`, details, "an object");
  if (hasSpans(details)) return details;
  throw new DheeraError(
    "provider_bad_response",
    `the answer of ${provider} names relevant parts of a document that cannot be read: a list of start, end and score belongs there`,
    { provider },
  );
}

function hasSpans(details: Unchecked<ScoreDetails>): details is ScoreDetails {
  const { relevant_spans: spans } = details;
  return spans === undefined || (Array.isArray(spans) && spans.every(isSpan));
}

function isSpan(span: unknown): boolean {
  if (!isUnchecked<RelevantSpan>(span)) return false;
  const { start, end, score } = span;
  return Number.isInteger(start) && Number.isInteger(end) && (score === undefined || typeof score === "number");
}

/** A list would have neither field; what asks for that as well costs a microsecond a hundred documents. */
function isRow(row: unknown): row is Unchecked<Score> {
  return typeof row === "object" && row !== null;
}

/** Most often an upstream's doing, that the provider let through. */
function noRanking(provider: string, what: string): DheeraError {
  return new DheeraError(
    "provider_bad_response",
    `the answer of ${provider} is not a ranking of the documents it was sent: ${what}`,
    { provider },
  );
}

function areProbabilities(scores: Float64Array): boolean {
  for (const score of scores) if (score < -roundingError || score > 1 + roundingError) return false;
  return true;
}

/** Their order is right whatever they are called, so that callers get it, and the truth about it. */
function withUnknownKind(result: CheckedResult, provider: string): CheckedResult {
  const warning = `the provider ${provider} calls its scores probabilities, but some are outside of 0 to 1; their kind counts as unknown`;
  return { ...result, scoreKind: "unknown", warnings: [...(result.warnings ?? []), warning] };
}

/** Usage is added up, over calls and for as long as a process runs. */
const mostUsed = Number.MAX_SAFE_INTEGER;

function checkUsage(usage: unknown, provider: string): Usage {
  if (!isUnchecked<Usage>(usage)) throw fault(provider, "usage", usage, "an object");
  return {
    inputTokens: checkFigure(usage.inputTokens, "inputTokens", provider),
    outputTokens: checkFigure(usage.outputTokens, "outputTokens", provider),
    searchUnits: checkFigure(usage.searchUnits, "searchUnits", provider),
    cost: checkFigure(usage.cost, "cost", provider),
  };
}

function checkFigure(value: unknown, name: keyof Usage, provider: string): number | undefined {
  if (value === undefined || (typeof value === "number" && value >= 0 && value <= mostUsed)) return value;
  throw fault(provider, `usage.${name}`, value, "a number from 0 to 2^53");
}

function checkWarnings(warnings: unknown, provider: string): readonly string[] {
  const wrong = findNoText(warnings);
  if (wrong || !Array.isArray(warnings))
    throw fault(provider, `warnings${wrong?.at ?? ""}`, wrong?.value, "a list of texts");
  return warnings.slice();
}

function checkTruncated(truncated: unknown, count: number, provider: string): readonly number[] {
  const wanted = "an index of a document of the call";
  if (!Array.isArray(truncated)) throw fault(provider, "truncated", truncated, "a list of indices");
  return truncated.map((index: unknown, position) => {
    if (typeof index === "number" && Number.isInteger(index) && index >= 0 && index < count) return index;
    throw fault(provider, `truncated[${position}]`, index, wanted);
  });
}

function fault(provider: string, field: string, value: unknown, wanted: string): DheeraError {
  return providerFault(provider, { what: "result", field, value, wanted });
}
