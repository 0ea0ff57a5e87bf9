import type { Collection } from "../collections/collection.ts";
import type { EvalReport, ModelReport } from "../report/eval-report.ts";
import { ownValue } from "../report/own-value.ts";

export interface Shown {
  readonly collection: Collection;
  readonly grades: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly models: Readonly<Record<string, ModelReport>>;
  readonly baseline: string;
  /** The measure that decides. */
  readonly main: string;
}

/**
 * The texts that a page of the report needs: for each compared model its 20 worst and 20 best queries beside the baseline,
 * or of the baseline alone where it is the only model, with the best documents of both. So a page of 10,000 queries is
 * no larger than one of 100.
 */
export function textsToShow(shown: Shown): Pick<EvalReport, "texts" | "grades"> {
  const { collection, grades, models, baseline } = shown;
  const base = models[baseline];
  const names = Object.keys(models);
  const compared = names.length > 1 ? names.filter((name) => name !== baseline) : names;
  const queries = new Set<string>();
  const documents = new Set<string>();
  const graded = new Map<string, Map<string, number>>();
  for (const name of compared) {
    for (const query of extremes(models[name], name === baseline ? undefined : base, shown.main)) {
      queries.add(query);
      const top = [models[name], base].flatMap((model) => ownValue(model?.per_query, query)?.top ?? []);
      for (const id of top) {
        documents.add(id);
        const grade = grades.get(query)?.get(id);
        if (grade === undefined) continue;
        const ofQuery = graded.get(query) ?? new Map<string, number>();
        if (ofQuery.size === 0) graded.set(query, ofQuery);
        ofQuery.set(id, grade);
      }
    }
  }
  const textOf = new Map(collection.queries.map(({ id, text }) => [id, text]));
  return {
    texts: {
      queries: textsOf(queries, textOf),
      documents: textsOf(documents, collection.documents),
    },
    // Maps until here, because an id may be `__proto__`.
    grades: Object.fromEntries([...graded].map(([query, ofQuery]) => [query, Object.fromEntries(ofQuery)])),
  };
}

const shownQueries = 20;
/** Characters of one text. */
const longestText = 2_000;

/** Ids of the queries with the lowest and the highest differences; equal ones in the order of the collection. */
function extremes(model: ModelReport | undefined, base: ModelReport | undefined, main: string): readonly string[] {
  if (!model) return [];
  const values = Object.entries(model.per_query).map(([query, { metrics }]) => ({
    query,
    value: (metrics[main] ?? 0) - (ownValue(base?.per_query, query)?.metrics[main] ?? 0),
  }));
  const sorted = values.sort((one, other) => one.value - other.value).map(({ query }) => query);
  return [...new Set([...sorted.slice(0, shownQueries), ...sorted.slice(-shownQueries)])];
}

function textsOf(ids: ReadonlySet<string>, texts: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...ids].map((id) => [id, shortened(texts.get(id) ?? "")]));
}

function shortened(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText).toWellFormed().trimEnd()}…`;
}
