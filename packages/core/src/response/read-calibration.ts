import { DheeraError } from "../errors.ts";
import { type Unchecked, isUnchecked } from "../provider/check-fields.ts";
import type { RankingScoreKind } from "../request/api.ts";
import type { Calibration } from "./calibration.ts";

/** Points of a curve; `dheera_ai calibrate` writes far fewer. */
const mostPoints = 10_000;

const kinds: Readonly<Record<RankingScoreKind, true>> = {
  probability: true,
  logit: true,
  cosine: true,
  rank: true,
  unknown: true,
  calibrated: true,
  fused: true,
};

/**
 * The calibration of an entry, as somebody wrote it.
 * @throws DheeraError `invalid_request`, naming the key at fault
 */
export function readCalibration(value: unknown): Calibration | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isUnchecked<Fields>(value)) throw invalid("", "must be an object with a method: platt or isotonic");
  const { score_kind: kind, method } = value;
  if (!isKind(kind)) throw invalid(".score_kind", `must be one of ${Object.keys(kinds).join(", ")}`);
  if (method === "platt") {
    const { slope, intercept } = value;
    if (!isFinite(slope) || slope <= 0)
      throw invalid(".slope", "must be a positive number: any other would turn the ranking round, or make it one tie");
    if (!isFinite(intercept)) throw invalid(".intercept", "must be a number");
    return { method, slope, intercept, score_kind: kind };
  }
  if (method !== "isotonic") throw invalid(".method", "must be platt or isotonic");
  const scores = readPoints(value, "scores");
  const probabilities = readPoints(value, "probabilities");
  if (scores.length !== probabilities.length)
    throw invalid(
      ".probabilities",
      `must be as many as scores: there are ${probabilities.length}, and ${scores.length} scores`,
    );
  const [first = 0, last = 0] = [scores[0], scores.at(-1)];
  if (!isFinite(last - first) || scores.some((score, index) => index > 0 && score <= (scores[index - 1] ?? 0)))
    throw invalid(".scores", "must be in ascending order, each once");
  if (probabilities.some((one, index) => one < (probabilities[index - 1] ?? 0) || one > 1))
    throw invalid(".probabilities", "must be in ascending order, from 0 to 1");
  return { method, scores, probabilities, score_kind: kind };
}

interface Fields {
  readonly method: unknown;
  readonly score_kind: unknown;
  readonly slope: unknown;
  readonly intercept: unknown;
  readonly scores: unknown;
  readonly probabilities: unknown;
}

/** A copy, which its writer can no longer change. */
function readPoints(fields: Unchecked<Fields>, name: "scores" | "probabilities"): readonly number[] {
  const list: unknown = fields[name];
  if (!Array.isArray(list) || list.length === 0 || list.length > mostPoints || !list.every(isFinite))
    throw invalid(`.${name}`, `must be a list of numbers, 1 to ${mostPoints}`);
  return [...list];
}

function isKind(value: unknown): value is RankingScoreKind {
  return typeof value === "string" && Object.hasOwn(kinds, value);
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}

function invalid(field: string, message: string): DheeraError {
  const param = `calibration${field}`;
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}
