/** How far probabilities are from what people said; lower is better. */
export interface CalibrationLosses {
  /** Mean of −log of the probability of what was right, natural logarithm. */
  readonly log_loss: number;
  /** Mean of the squared difference to 0 or 1; 0 to 1. */
  readonly brier: number;
  /**
   * Expected calibration error: how far the mean probability of documents that are about as probable is from the part of
   * them that is relevant, on average; ten steps of 0.1.
   */
  readonly calibration_error: number;
}

export interface Forecast {
  readonly probability: number;
  readonly isRelevant: boolean;
}

export function calibrationLosses(forecasts: readonly Forecast[]): CalibrationLosses {
  const count = Math.max(1, forecasts.length);
  return {
    log_loss: sum(forecasts.map(logLoss)) / count,
    brier: sum(forecasts.map(({ probability, isRelevant }) => (probability - Number(isRelevant)) ** 2)) / count,
    calibration_error: sum(binsOf(forecasts).map(gapOf)) / count,
  };
}

/** What was held to be impossible and came true would cost infinitely much. */
const leastProbable = 1e-6;
const bins = 10;

function logLoss({ probability, isRelevant }: Forecast): number {
  return -Math.log(Math.max(leastProbable, isRelevant ? probability : 1 - probability));
}

function binsOf(forecasts: readonly Forecast[]): readonly (readonly Forecast[])[] {
  const binOf = ({ probability }: Forecast): number => Math.min(bins - 1, Math.floor(probability * bins));
  return [...Map.groupBy(forecasts, binOf).values()];
}

/** Of a bin, times its size. */
function gapOf(bin: readonly Forecast[]): number {
  const expected = sum(bin.map(({ probability }) => probability));
  return Math.abs(expected - bin.filter(({ isRelevant }) => isRelevant).length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
