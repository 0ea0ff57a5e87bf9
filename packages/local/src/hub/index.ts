export { dtypes, type Dtype } from "../model/description.ts";
export type { Licence } from "./licence.ts";
export { findLocalModel, listModels, type LocalModel } from "./list-models.ts";
export type { HubOptions, HubRequestOptions } from "./hub-options.ts";
export { type PlannedFile, planPull, type PlanOptions, type PullPlan } from "./plan-pull.ts";
export { pull, type PullOptions, type PullProgress } from "./pull.ts";
export { planRemoval, remove, type RemovalPlan } from "./remove.ts";
export { isOffline } from "./remote/place.ts";
