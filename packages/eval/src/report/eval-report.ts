import type { RankingScoreKind } from "@dheera-ai/core";

/** What `dheera_ai eval` found: the JSON of `--json`, and what the page of `--html` is made of. */
export interface EvalReport {
  readonly version: 1;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly collection: {
    readonly name: string;
    readonly documents: number;
    /** Queries with judgements, before sampling. */
    readonly queries: number;
    readonly judgements: number;
  };
  /** What was ranked. */
  readonly candidates: {
    /** For people: `BM25 over the collection`, a run file's name, `given`. */
    readonly source: string;
    /** Documents a query at most. */
    readonly top_k: number;
    /** Of all relevant documents, the part that is among the candidates; 0 to 1. */
    readonly recall: number;
  };
  /** Queries that were measured, and how they were chosen. */
  readonly sample: { readonly queries: number; readonly seed?: number };
  /** Model name that the others are compared with. */
  readonly baseline: string;
  /** Rankings among these that an earlier run had made and kept; their time and cost are those of then. */
  readonly kept: number;
  /** Whose metric decides: `ndcg@10`. */
  readonly main_metric: string;
  /** By model name, in the order of `--models`. */
  readonly models: Readonly<Record<string, ModelReport>>;
  /** Texts of the queries that the page shows, and of the documents that it needs. */
  readonly texts: {
    readonly queries: Readonly<Record<string, string>>;
    readonly documents: Readonly<Record<string, string>>;
  };
  /** Grades of the judged documents among those, by query and document. */
  readonly grades: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Where a cost ceiling or an interruption ended it before all was ranked: why, in a sentence. */
  readonly stopped?: string;
  readonly warnings: readonly string[];
}

/** What was measured of one model. */
export interface ModelReport {
  /** Means over the queries: `ndcg@10`, `mrr@10`, `recall@10`, `map`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** 95 % bootstrap intervals of the same. */
  readonly intervals: Readonly<Record<string, Interval>>;
  /** Beside the baseline, paired by query; absent for the baseline itself. */
  readonly compared?: Readonly<Record<string, ComparedMetric>>;
  readonly score_kind?: RankingScoreKind;
  /** Queries that have a ranking. */
  readonly queries: number;
  /** Documents that its models scored, those of the stages of a cascade included. */
  readonly documents: number;
  /** US dollars of all of it; null where the cost of one request is not known. */
  readonly cost: number | null;
  readonly cost_per_1000_queries: number | null;
  /** Milliseconds of a request; null where nothing was asked. */
  readonly latency: { readonly p50: number; readonly p99: number } | null;
  /** Queries that failed. They count as 0. */
  readonly errors: number;
  /** The first error's message. */
  readonly error?: string;
  /** Of a model that is made of others: what each of those did, by its model name. */
  readonly stages?: Readonly<Record<string, StageReport>>;
  readonly per_query: Readonly<Record<string, QueryReport>>;
}

/** What one stage of a cascade was asked, and what that cost. */
export interface StageReport {
  /** Documents that it was given, of all queries. */
  readonly documents: number;
  /** Queries for which it was asked. */
  readonly queries: number;
  /** US dollars; null where the cost of one request is not known. */
  readonly cost: number | null;
}

/** The lower and the upper end of a 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** One measure of a model beside that of the baseline. */
export interface ComparedMetric {
  /** Mean of the differences by query: above 0 where the model is better than the baseline. */
  readonly difference: number;
  readonly interval: Interval;
  /** Two-sided, by a paired randomization test. */
  readonly p_value: number;
  /** Queries on which it is better, worse, equal. */
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

/** What was measured of one query. */
export interface QueryReport {
  readonly metrics: Readonly<Record<string, number>>;
  readonly milliseconds: number;
  /** The best ten documents. */
  readonly top: readonly string[];
  readonly error?: string;
}
