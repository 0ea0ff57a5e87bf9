/**
 * Helpers that every provider needs: waiting, remembering, the environment (their own and a child's), where documents and keys go, credentials that
 * expire, reading answers and errors, adding up what calls used, and estimating tokens.
 */
export { abortable, sleep } from "./lib/waiting.ts";
export { rememberSuccess } from "./lib/remember-success.ts";
export { cautiousTokens } from "./plan/cautious-tokens.ts";
export { type JsonSize, measureJson } from "./lib/measure-json.ts";
export { childEnvironment } from "./lib/child-environment.ts";
export { type Environment, processEnvironment } from "./lib/environment.ts";
export {
  type CredentialsOptions,
  type Exchanged,
  type ExchangedCredentials,
  exchangedCredentials,
} from "./upstream/exchanged-credentials.ts";
export { findPlace, type Place, type PlaceRules } from "./upstream/find-place.ts";
export { plainText } from "./upstream/plain-text.ts";
export { isRecord, readScores } from "./upstream/read-scores.ts";
export { readRetryAfter, upstreamError } from "./upstream/upstream-error.ts";
export { addUsage } from "./upstream/usage.ts";
