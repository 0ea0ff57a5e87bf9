export type {
  CacheControls,
  DiversifyOptions,
  FallbackChoice,
  DocumentRecord,
  JsonDocument,
  RankingScoreKind,
  RelevantSpan,
  RelevantSpansOptions,
  RerankDocument,
  RerankMeta,
  RerankRequest,
  RerankResponse,
  RerankResponseWithDocuments,
  RerankResult,
  RerankResultWithDocument,
  RerankStage,
  ReturnedDocument,
} from "./request/api.ts";
export type { ExplainedCall, RerankExplanation, ScoreSource } from "./request/explanation.ts";
export type {
  ChildProcesses,
  Http,
  HttpAnswer,
  HttpHeaders,
  HttpRequest,
  Limits,
  Price,
  Profile,
  Provider,
  RelevantSpans,
  Score,
  ScoreCall,
  Scorer,
  ScoreKind,
  ScoreParams,
  ScoreResult,
  Target,
  Usage,
} from "./contract.ts";
export type {
  CombinedModel,
  CombinedQuestion,
  CombinedRanking,
  Combination,
  MemberAnswer,
  MemberFailure,
  MemberRanking,
} from "./combination.ts";
export { type CombinedStatus, combinationOf } from "./combining/combined-models.ts";
export { type CombinedProblem, connectCombined } from "./combining/connect-combined.ts";
export { type Calibration, calibrate } from "./response/calibration.ts";
export { readCalibration } from "./response/read-calibration.ts";
export type { CheckOptions } from "./deployment/probe.ts";
export { type Dheera, type Rerank, createDheera } from "./dheera.ts";
export type { DheeraOptions, RerankOptions, Tenant } from "./options.ts";
export {
  type DeploymentParams,
  type DeploymentParamSpecs,
  type ModelParams,
  type ParamKind,
  type ParamSpec,
  type ShadowParams,
  deploymentParams,
} from "./deployment/params.ts";
export type { DeploymentStatus } from "./deployment/deployment.ts";
export type {
  Deciders,
  DeploymentAllowance,
  DeploymentBudget,
  DeploymentHealth,
  ShareDeployment,
  SharedDeployment,
} from "./deployment/sharing.ts";
export {
  DheeraError,
  type ErrorCode,
  type ErrorDetails,
  type UpstreamFacts,
  errorCodes,
  isDheeraError,
} from "./errors.ts";
export type { IncomingAnswer, OutgoingMessage, Transport } from "./upstream/transport.ts";
export { HttpError, isHttpError } from "./upstream/http-error.ts";
export type { CallFacts, DheeraEvent, Observer, RequestReport, ShadowEvent, ShadowOutcome } from "./observer.ts";
export { readScores } from "./upstream/read-scores.ts";
export type { CacheScope, CacheLookup, ScoreCache } from "./reuse/score-cache.ts";
export type { ModelEntry, RequestLimits, RouterSettings, RoutingStrategy } from "./routing/settings.ts";
export { readRetryAfter, upstreamError } from "./upstream/upstream-error.ts";
export { findWildcard, isWildcard } from "./routing/wildcards.ts";
export { newReport } from "./dispatch/context.ts";
export { loadLateModules } from "./load-late-modules.ts";
