export { type Language, languages } from "@dheera-ai/bm25/collection";
export type { CalibrationLosses } from "./calibrate/calibration-losses.ts";
export {
  learnCalibration,
  type LearnCalibrationOptions,
  type LearnedCalibration,
} from "./calibrate/learn-calibration.ts";
export { indexCollection, type SearchedCollection } from "./candidates/index-collection.ts";
export { pool, type PoolOptions } from "./candidates/pool.ts";
export { sampleQueries } from "./candidates/sample-queries.ts";
export type { Collection, JudgedQuery } from "./collections/collection.ts";
export { delimiterOf } from "./collections/files/delimiter-of.ts";
export { type ColumnPlaces, columnPlaces, describeColumns } from "./collections/formats/column-places.ts";
export { type CollectionFormat, readCollection, type ReadCollectionOptions } from "./collections/read-collection.ts";
export { readRunTexts, type RunTexts, type RunTextsFiles } from "./collections/read-run-texts.ts";
export {
  type CorpusDocument,
  createJudgingFolder,
  isJudgingFolder,
  type JudgingFolder,
  type NewCollection,
  openJudgingFolder,
  refuseOtherCollection,
} from "./judging/folder/judging-folder.ts";
export { type LockedWork, lockFolder } from "./judging/folder/lock-folder.ts";
export { type JudgingProgress, type Judgements, type JudgingTask, progressOf } from "./judging/judgements.ts";
export { orderBlindly } from "./judging/order-blindly.ts";
export { type JudgingPort, openJudgingPort } from "./judging/server/judging-port.ts";
export { type JudgingServer, type JudgingServerOptions, startJudging } from "./judging/server/judging-server.ts";
export { type Measure, parseMeasures } from "./measures/measure.ts";
export { measuresOf } from "./measures/measures-of.ts";
export { orderByScore, type Scored } from "./measures/order-by-score.ts";
export { type Offer, paretoFront } from "./page/plots/pareto-front.ts";
export { renderReport } from "./page/render-report.ts";
export type {
  ComparedMetric,
  EvalReport,
  Interval,
  ModelReport,
  QueryReport,
  StageReport,
} from "./report/eval-report.ts";
export {
  type Collected,
  collectRankings,
  type CollectOptions,
  type Progress,
  type UnknownCost,
} from "./run/collect-rankings.ts";
export { CostLedger } from "./run/cost-ledger.ts";
export { evaluate, type EvaluateOptions } from "./run/evaluate.ts";
export { ExpectedCost } from "./run/expected-cost.ts";
export type { MeasuredModel } from "./run/run-queries.ts";
export { type Billing, type PricedRequest, worstCost } from "./run/worst-cost.ts";
export { bootstrapInterval, type ResamplingOptions } from "./statistics/bootstrap-interval.ts";
export { comparePaired } from "./statistics/compare-paired.ts";
export { kendallTau } from "./statistics/kendall-tau.ts";
export { randomizationTest } from "./statistics/randomization-test.ts";
