import type { Limits, Profile, ScoreKind } from "@dheera-ai/core";

export interface ProfileFacts {
  /**
   * Everything that decides scores, in a fixed order: kind of server, model, revision, number format, model length,
   * route.
   */
  readonly identity: readonly (string | number | undefined)[];
  /** The model's names, as configured and as the server calls it. */
  readonly models: readonly string[];
  readonly scoreKind: ScoreKind;
  readonly limits: Limits;
  readonly pads?: boolean;
  readonly server?: string | undefined;
  readonly warnings?: readonly string[];
}

/** Models that score documents by comparing them with each other. */
const listwise = /jina-reranker-v3/i;

export function describeProfile({
  identity,
  models,
  scoreKind,
  limits,
  pads,
  server,
  warnings = [],
}: ProfileFacts): Profile {
  return {
    scoring: models.some((name) => listwise.test(name)) ? "listwise" : "pointwise",
    scoreKind,
    billing: "compute",
    fingerprint: JSON.stringify(identity.map((part) => part ?? null)),
    limits,
    ...(pads !== undefined && { pads }),
    ...(server !== undefined && { server }),
    ...(warnings.length > 0 && { warnings }),
  };
}
