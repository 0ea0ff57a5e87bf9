import type { LabelledScore } from "./labelled-score.ts";

export interface Sigmoid {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * The sigmoid 1 / (1 + exp(−(slope × score + intercept))) that is most likely with these labels: Platt (1999), whose
 * targets stay a little off 0 and 1 so that few labels do not make it certain, by Newton's method with a line search as Lin,
 * Lin and Weng (2007) give it.
 */
export function fitPlatt(labelled: readonly LabelledScore[]): Sigmoid {
  const { mean, deviation } = spreadOf(labelled);
  // Scores of any scale are brought to one on which Newton's method is well behaved.
  const scaled = labelled.map(({ score }) => (score - mean) / deviation);
  const targets = targetsOf(labelled);
  const positives = labelled.filter(({ isRelevant }) => isRelevant).length;
  let at: Sigmoid = { slope: 0, intercept: Math.log((positives + 1) / (labelled.length - positives + 1)) };
  let loss = lossOf(at, scaled, targets);
  for (let step = 0; step < mostSteps; step++) {
    const { gradient, direction } = newtonStep(at, scaled, targets);
    if (Math.abs(gradient.slope) < precision && Math.abs(gradient.intercept) < precision) break;
    const next = lineSearch(at, loss, { gradient, direction }, (point) => lossOf(point, scaled, targets));
    if (!next) break;
    ({ at, loss } = next);
  }
  const slope = at.slope / deviation;
  return { slope, intercept: at.intercept - slope * mean };
}

const mostSteps = 100;
const precision = 1e-9;
/** Keeps the Hessian from being singular. */
const ridge = 1e-12;
const shortestStep = 1e-10;

function spreadOf(labelled: readonly LabelledScore[]): { readonly mean: number; readonly deviation: number } {
  const mean = labelled.reduce((sum, { score }) => sum + score, 0) / Math.max(1, labelled.length);
  const variance = labelled.reduce((sum, { score }) => sum + (score - mean) ** 2, 0) / Math.max(1, labelled.length);
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

function targetsOf(labelled: readonly LabelledScore[]): readonly number[] {
  const positives = labelled.filter(({ isRelevant }) => isRelevant).length;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (labelled.length - positives + 2);
  return labelled.map(({ isRelevant }) => (isRelevant ? high : low));
}

/** The negative logarithm of the likelihood, without overflow at either end. */
function lossOf({ slope, intercept }: Sigmoid, scores: readonly number[], targets: readonly number[]): number {
  return scores.reduce((sum, score, at) => {
    const z = slope * score + intercept;
    const target = targets[at] ?? 0;
    return sum + (z >= 0 ? (1 - target) * z + Math.log1p(Math.exp(-z)) : -target * z + Math.log1p(Math.exp(z)));
  }, 0);
}

interface Step {
  readonly gradient: Sigmoid;
  readonly direction: Sigmoid;
}

function newtonStep({ slope, intercept }: Sigmoid, scores: readonly number[], targets: readonly number[]): Step {
  let [h11, h22, h21, g1, g2] = [ridge, ridge, 0, 0, 0];
  for (const [at, score] of scores.entries()) {
    const p = 1 / (1 + Math.exp(-(slope * score + intercept)));
    const curvature = p * (1 - p);
    const miss = p - (targets[at] ?? 0);
    h11 += score * score * curvature;
    h22 += curvature;
    h21 += score * curvature;
    g1 += score * miss;
    g2 += miss;
  }
  const determinant = h11 * h22 - h21 * h21;
  return {
    gradient: { slope: g1, intercept: g2 },
    direction: { slope: -(h22 * g1 - h21 * g2) / determinant, intercept: -(h11 * g2 - h21 * g1) / determinant },
  };
}

/** The longest step of 1, 1/2, 1/4 … that lowers the loss as much as it promises; undefined where none does. */
function lineSearch(
  at: Sigmoid,
  loss: number,
  { gradient, direction }: Step,
  lossAt: (point: Sigmoid) => number,
): { readonly at: Sigmoid; readonly loss: number } | undefined {
  const promised = gradient.slope * direction.slope + gradient.intercept * direction.intercept;
  for (let length = 1; length >= shortestStep; length /= 2) {
    const point = {
      slope: at.slope + length * direction.slope,
      intercept: at.intercept + length * direction.intercept,
    };
    const there = lossAt(point);
    if (there < loss + 1e-4 * length * promised) return { at: point, loss: there };
  }
  return undefined;
}
