import { loadBackground } from "../src/background/load-background.ts";
import { type Language, loadLanguage } from "../src/language.ts";
import { scoreDocuments } from "../src/score-documents.ts";
import { ndcg, readCollection } from "./collection.ts";

/** nDCG@10, the mean of all queries. */
export interface Quality {
  readonly queries: number;
  /** BM25 that knows the whole collection: what search itself would answer. */
  readonly collection: number;
  /** Its best documents, ranked anew by their own frequencies alone. */
  readonly candidates: number;
  /** The same by `bm25/default` as it is. */
  readonly background: number;
}

/** Ranks the best documents of each query of a collection anew, as a request would bring them. */
export async function measureQuality(folder: string, language: Language, candidates: number): Promise<Quality> {
  const { documents, queries, search } = await readCollection(folder, language);
  const [rules, background] = await Promise.all([loadLanguage(language), loadBackground(language)]);
  const sums = { collection: 0, candidates: 0, background: 0 };
  for (const { text, grades } of queries) {
    const found = search(text);
    // In the collection's order, so that no rank is known from the input.
    const numbers = found.slice(0, candidates).sort((one, other) => one - other);
    const rerank = async (known: typeof background): Promise<number> => {
      const input = {
        query: text,
        documents: numbers.map((number) => documents[number] ?? ""),
        rules,
        k1: 1.2,
        b: 0.75,
      };
      const scores = await scoreDocuments({ ...input, background: known, signal: new AbortController().signal });
      const order = numbers.map((number, index) => ({ number, score: scores[index] ?? 0 }));
      return ndcg(
        order.sort((one, other) => other.score - one.score || one.number - other.number).map(({ number }) => number),
        grades,
      );
    };
    sums.collection += ndcg(found, grades);
    sums.candidates += await rerank(undefined);
    sums.background += await rerank(background);
  }
  const mean = (sum: number): number => sum / queries.length;
  return {
    queries: queries.length,
    collection: mean(sums.collection),
    candidates: mean(sums.candidates),
    background: mean(sums.background),
  };
}
