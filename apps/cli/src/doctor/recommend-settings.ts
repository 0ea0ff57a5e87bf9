import type { MeasuredSettings } from "@dheera-ai/local/tuning";

/** Speeds that differ less are the same: the machine does other things as well. */
const faster = 1.15;
const asFast = 0.93;

/** `dtype` and `threads` worth setting for a model on this machine, each with its reason. */
export function recommendSettings(measured: readonly MeasuredSettings[]): readonly string[] {
  const current = measured.find(({ isCurrent }) => isCurrent);
  if (!current) return [];
  const weights = best(measured.filter(({ threads }) => threads === current.threads));
  const isWorthIt = weights.documents_per_second >= faster * current.documents_per_second;
  const chosen = isWorthIt ? weights : current;
  return [
    ...(isWorthIt ? [`dtype: ${weights.dtype}, without file (${whyWeights(weights, current)})`] : []),
    ...recommendThreads(measured.filter(({ file }) => file === chosen.file)),
  ];
}

function whyWeights(weights: MeasuredSettings, current: MeasuredSettings): string {
  const difference =
    weights.score_difference < 0.0005
      ? "the same scores"
      : `scores that differ by ${weights.score_difference.toPrecision(1)} on average`;
  return `${weights.file} makes ${round(weights)} documents a second in ${weights.memory_mb} MB, ${current.dtype} ${round(current)} in ${current.memory_mb} MB; it gives ${difference}`;
}

/** The fewest threads that are as fast as any: the others are left to the proxy and to other models. */
function recommendThreads(measured: readonly MeasuredSettings[]): readonly string[] {
  const most = measured.reduce((one, other) => (other.threads > one.threads ? other : one), best(measured));
  const enough = measured
    .filter(({ documents_per_second }) => documents_per_second >= asFast * best(measured).documents_per_second)
    .reduce((one, other) => (other.threads < one.threads ? other : one), best(measured));
  if (enough.threads === most.threads) return [];
  return [
    `threads: ${enough.threads} (${round(enough)} documents a second; ${most.threads} threads make ${round(most)})`,
  ];
}

function best(measured: readonly MeasuredSettings[]): MeasuredSettings {
  return measured.reduce((one, other) => (other.documents_per_second > one.documents_per_second ? other : one));
}

function round({ documents_per_second }: MeasuredSettings): number {
  return Math.round(documents_per_second);
}
