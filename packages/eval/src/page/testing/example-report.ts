import type { ComparedMetric, EvalReport, Interval, ModelReport, QueryReport } from "../../report/eval-report.ts";

/** How a made-up model ranks. */
interface Habit {
  /** How much of a document's grade it sees, beside chance. */
  readonly skill: number;
  readonly milliseconds: number;
  readonly costPer1000: number | null;
  readonly scoreKind: ModelReport["score_kind"];
}

const habits: Readonly<Record<string, Habit>> = {
  bm25: { skill: 0.5, milliseconds: 2.1, costPer1000: 0, scoreKind: "unknown" },
  minilm: { skill: 0.75, milliseconds: 64, costPer1000: 0, scoreKind: "cosine" },
  "cohere-5": { skill: 1.05, milliseconds: 310, costPer1000: 2, scoreKind: "probability" },
  "cheap-then-good": { skill: 1, milliseconds: 190, costPer1000: 0.31, scoreKind: "probability" },
};

/** A report as `evaluate` gives it, of rankings that chance and skill made: the same ones each time. */
export function exampleReport(queries = 40): EvalReport {
  const random = randomNumbers(7);
  const asked = Array.from({ length: queries }, (_, index) => `q${index + 1}`);
  const texts: EvalReport["texts"] = {
    queries: Object.fromEntries(asked.map((id, index) => [id, questionAt(index)])),
    documents: {},
  };
  const documents: Record<string, string> = {};
  const grades: Record<string, Record<string, number>> = {};
  const candidates = new Map<string, readonly (readonly [string, number])[]>();
  for (const [index, id] of asked.entries()) {
    const own = Array.from({ length: 24 }, (_, position): readonly [string, number] => {
      const document = `d${index + 1}-${position + 1}`;
      const grade = position < 2 ? 2 : position < 5 ? 1 : 0;
      documents[document] = passageAt(index, position, grade);
      return [document, grade];
    });
    // Some were never looked at.
    grades[id] = Object.fromEntries(own.filter((_, position) => position < 16));
    candidates.set(id, own);
  }
  const rankings = Object.fromEntries(
    Object.entries(habits).map(([name, habit]) => [
      name,
      Object.fromEntries(asked.map((id) => [id, rank(candidates.get(id) ?? [], habit, random)])),
    ]),
  );
  const baseline = rankings["bm25"] ?? {};
  return {
    version: 1,
    date: "2026-11-27T03:40:00.000Z",
    collection: { name: "hotel-handbook", documents: 320, queries, judgements: 640 },
    candidates: { source: "BM25 over the collection", top_k: 24, recall: 0.936 },
    sample: { queries, seed: 7 },
    baseline: "bm25",
    kept: 0,
    main_metric: "ndcg@10",
    models: Object.fromEntries(
      Object.entries(rankings).map(([name, per_query]) => [name, reportOf(name, per_query, baseline)]),
    ),
    texts: { ...texts, documents },
    grades,
    warnings: [],
  };
}

function rank(candidates: readonly (readonly [string, number])[], habit: Habit, random: () => number): QueryReport {
  const scored = candidates.map(([id, grade]) => ({
    id,
    grade,
    score: grade * habit.skill + (random() + random() + random()) * 1.5,
  }));
  const ranked = scored.toSorted((one, other) => other.score - one.score).slice(0, 10);
  const gain = (grades: readonly number[]): number =>
    grades.reduce((sum, grade, index) => sum + grade / Math.log2(index + 2), 0);
  const ideal = gain(
    candidates
      .map(([, grade]) => grade)
      .toSorted((one, other) => other - one)
      .slice(0, 10),
  );
  const first = ranked.findIndex(({ grade }) => grade > 0);
  return {
    metrics: {
      "ndcg@10": gain(ranked.map(({ grade }) => grade)) / ideal,
      "mrr@10": first === -1 ? 0 : 1 / (first + 1),
      "recall@10": ranked.filter(({ grade }) => grade > 0).length / 5,
    },
    milliseconds: habit.milliseconds * (0.7 + 0.9 * random() ** 3),
    top: ranked.map(({ id }) => id),
  };
}

function reportOf(
  name: string,
  per_query: Readonly<Record<string, QueryReport>>,
  baseline: Readonly<Record<string, QueryReport>>,
): ModelReport {
  const habit = habits[name];
  const queries = Object.values(per_query);
  const names = Object.keys(queries[0]?.metrics ?? {});
  const valuesOf = (metric: string): readonly number[] => queries.map(({ metrics }) => metrics[metric] ?? 0);
  const times = queries.map(({ milliseconds }) => milliseconds).toSorted((one, other) => one - other);
  const cost = habit?.costPer1000 ?? null;
  return {
    metrics: Object.fromEntries(names.map((metric) => [metric, mean(valuesOf(metric))])),
    intervals: Object.fromEntries(names.map((metric) => [metric, around(valuesOf(metric))])),
    ...(name !== "bm25" && {
      compared: Object.fromEntries(
        names.map((metric) => [
          metric,
          compare(
            Object.entries(per_query).map(
              ([id, { metrics }]) => (metrics[metric] ?? 0) - (baseline[id]?.metrics[metric] ?? 0),
            ),
          ),
        ]),
      ),
    }),
    ...(habit?.scoreKind && { score_kind: habit.scoreKind }),
    queries: queries.length,
    documents: queries.length * 24,
    cost: cost === null ? null : (cost * queries.length) / 1000,
    cost_per_1000_queries: cost,
    latency: { p50: times[Math.floor(times.length / 2)] ?? 0, p99: times.at(-1) ?? 0 },
    errors: 0,
    per_query,
  };
}

function compare(differences: readonly number[]): ComparedMetric {
  const interval = around(differences);
  return {
    difference: mean(differences),
    interval,
    p_value: interval[0] > 0 || interval[1] < 0 ? 0.0004 : 0.31,
    wins: differences.filter((value) => value > 0).length,
    losses: differences.filter((value) => value < 0).length,
    ties: differences.filter((value) => value === 0).length,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function around(values: readonly number[]): Interval {
  const middle = mean(values);
  const error = Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) / values.length);
  return [middle - 1.96 * error, middle + 1.96 * error];
}

/** Numerical Recipes' linear congruential generator. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const subjects = [
  "the pool",
  "breakfast",
  "a late checkout",
  "parking",
  "pets",
  "a broken safe",
  "laundry",
  "the airport bus",
];
const questions = [
  "When does somebody look after",
  "What does it cost to have",
  "Who is to be told about",
  "How do guests ask for",
  "Is there a rule for",
];

function questionAt(index: number): string {
  return `${questions[index % questions.length]} ${subjects[index % subjects.length]}${index >= subjects.length * questions.length ? `, case ${index}` : ""}?`;
}

function passageAt(index: number, position: number, grade: number): string {
  const subject = subjects[(index + (grade > 0 ? 0 : position)) % subjects.length] ?? "";
  const said =
    grade === 2
      ? "is looked after by the front desk from six in the morning; the fee and the rule are in the folder of the room"
      : grade === 1
        ? "is mentioned in the folder of the room, with a number to call"
        : "has been painted again, and the house is proud of how it looks now. The work took three weeks in which guests were asked to use the other wing, and most of them were friendly about it";
  return `Section ${index + 1}.${position + 1}: ${subject} ${said}.`;
}
