import { type EvalReport, type ModelReport, paretoFront } from "@dheera-ai/eval";

/**
 * What the figures mean, in sentences: which model is better and whether chance explains it, and which ones are worth their
 * price.
 * @param significantBelow p-value
 */
export function conclude(report: EvalReport, significantBelow: number): readonly string[] {
  if (report.sample.queries === 0) return ["No query was measured."];
  const { baseline, main_metric: main, models } = report;
  const named = Object.entries(models);
  const [best] = named.toSorted(([, one], [, other]) => valueOf(other, main) - valueOf(one, main));
  if (best === undefined) return [];
  if (named.length === 1)
    return [`${baseline} has ${main} ${valueOf(best[1], main).toFixed(4)}; --models names others to compare it with.`];
  return [beside(report, best, significantBelow), worthTheirPrice(report)];
}

type Named = readonly [name: string, model: ModelReport];

/** The best one beside the baseline, or the baseline beside the best of the others. */
function beside(
  { baseline, main_metric: main, models, sample }: EvalReport,
  best: Named,
  significantBelow: number,
): string {
  const isBaseline = best[0] === baseline;
  const [other = best] = isBaseline
    ? Object.entries(models)
        .filter(([name]) => name !== baseline)
        .toSorted(([, one], [, two]) => valueOf(two, main) - valueOf(one, main))
    : [best];
  const [name, { compared }] = other;
  const found = compared?.[main];
  if (found === undefined) return "";
  const [first, second] = isBaseline ? [baseline, name] : [name, baseline];
  const ends = found.interval.map((end) => (isBaseline ? -end : end)).toSorted((one, two) => one - two);
  const figures = `by ${Math.abs(found.difference).toFixed(3)} of ${main} over ${sample.queries.toLocaleString("en")} queries (95 % interval ${ends.map(signed).join(" to ")}, p ${probability(found.p_value)})`;
  if (found.difference === 0) return `${first} and ${second} rank equally well: both have the same ${main}.`;
  return found.p_value < significantBelow
    ? `${first} ranks better than ${second} ${figures}: that is significant.`
    : `${first} ranks better than ${second} ${figures}, but that is not significant: chance may explain it.`;
}

/** By cost where all of it is known, by time otherwise. */
function worthTheirPrice({ models, main_metric: main }: EvalReport): string {
  const named = Object.entries(models);
  const byCost = named.every(([, { cost }]) => cost !== null) && named.some(([, { cost }]) => cost !== 0);
  const offers = named.flatMap(([name, model]) => {
    const cost = byCost ? model.cost_per_1000_queries : (model.latency?.p50 ?? null);
    return cost === null ? [] : [{ name, cost, quality: valueOf(model, main) }];
  });
  const front = paretoFront(offers).map(({ name }) => name);
  const [only, ...others] = front;
  if (only === undefined) return "";
  const [better, worst] = byCost ? ["cheaper", "the cheapest"] : ["faster", "the fastest"];
  if (others.length === 0) return `${only} is the choice: no other model is better or ${better}.`;
  const rest = named.length > front.length ? `; the others are neither better nor ${better} than all of these` : "";
  return `Worth their ${byCost ? "price" : "time"}, from ${worst} to the best: ${front.join(", ")}${rest}.`;
}

function valueOf({ metrics }: ModelReport, main: string): number {
  return metrics[main] ?? 0;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

function probability(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}
