import type { Limits } from "../contract.ts";
import type { DiversifyOptions } from "../request/api.ts";
import type { Calibration } from "../response/calibration.ts";

/** The parameters of one deployment that core reads: how to reach it and how to treat it. */
export interface DeploymentParams {
  /** `<provider>/<model>`. */
  readonly model: string;
  readonly api_base?: string | undefined;
  readonly api_key?: string | undefined;
  /** Seconds for one call. */
  readonly timeout?: number | undefined;
  /** Share of the traffic under `simple-shuffle`; default 1. */
  readonly weight?: number | undefined;
  /** Priority tier: lower is used first, higher only when no lower one is healthy. Default 0. */
  readonly order?: number | undefined;
  /** Requests a minute. */
  readonly rpm?: number | undefined;
  readonly max_parallel_requests?: number | undefined;
  /** As `num_retries`, which it overrides; 0: none, not even when the server is overloaded. */
  readonly max_retries?: number | undefined;
  /** Limits that win over what the server says of itself. */
  readonly max_documents_per_call?: number | undefined;
  readonly max_bytes_per_call?: number | undefined;
  readonly max_tokens_per_document?: number | undefined;
  readonly max_tokens_per_call?: number | undefined;
  readonly max_documents_in_flight?: number | undefined;
  readonly normalize?: "none" | "sigmoid" | undefined;
  /** How the scores become probabilities; `min_score` is then one, and ties are in the order of the scores themselves. */
  readonly calibration?: Calibration | undefined;
  /** Documents that say the same as one before them go further back; a request's own `diversify` wins. */
  readonly diversify?: DiversifyOptions | undefined;
  /** Requests that go to a second model as well, to compare it: read by `withShadows` of `@dheera-ai/combine`. */
  readonly shadow?: ShadowParams | undefined;
  readonly long_documents?: "truncate" | "chunk_max" | undefined;
  readonly on_document_error?: "fail" | "warn" | undefined;
  /** `passthrough`: when no deployment can rank, answer in input order with `meta.reranked: false`. */
  readonly on_error?: "fail" | "passthrough" | undefined;
  /** Send a straggling batch a second time to another replica. Default false. */
  readonly hedge?: boolean | undefined;
  /** Headers sent with every call. */
  readonly extra_headers?: Readonly<Record<string, string>> | undefined;
  /** Options of the deployment's provider for each call; a request's own `provider_options` win key by key. */
  readonly provider_options?: Readonly<Record<string, unknown>> | undefined;
}

/** A second model that is asked after answers were given. */
export interface ShadowParams {
  /** Its model name. */
  readonly model: string;
  /** The part of requests that it gets too, 0 to 1; default 0.05. */
  readonly sample?: number | undefined;
  /** Seconds for one of them; default 30. */
  readonly timeout?: number | undefined;
  /** Of them at one time; default 4. One more is dropped. */
  readonly max_parallel?: number | undefined;
  /** US dollars for them in one day (UTC); no limit when absent. */
  readonly max_cost_per_day?: number | undefined;
}

/** `DeploymentParams`, and keys that belong to the provider. */
export interface ModelParams extends DeploymentParams {
  readonly [providerOption: string]: unknown;
}

/** What a value may be. A list of words is a choice. */
export type ParamKind =
  | "text"
  | "number"
  | "count"
  | "flag"
  | "headers"
  | "record"
  | "calibration"
  | "shadow"
  | "diversify"
  | readonly string[];

/** What a parameter of a deployment may be, and what it is for. */
export interface ParamSpec<Kind extends ParamKind = ParamKind> {
  readonly kind: Kind;
  /** The smallest value; when absent 1 for a `count`, 0 for a `number`. */
  readonly least?: number;
  /** The limit of the profile that the parameter overrides. */
  readonly limit?: keyof Limits;
  /** Whether `/model/info` shows the value as it is. Keys, headers and addresses may hold credentials. */
  readonly isShown: boolean;
  /** Whether a model that asks others may have it too; without, it is for those that it asks. */
  readonly isOfCombined?: true;
}

/**
 * Every parameter of a deployment that core reads, in the order of the documentation. The list of core's keys, the
 * limits set by hand, the proxy's configuration schema, `/model/info` and the tables of the documentation are derived
 * from it.
 */
export const deploymentParams: DeploymentParamSpecs = {
  model: { kind: "text", isShown: true },
  api_base: { kind: "text", isShown: false },
  api_key: { kind: "text", isShown: false },
  timeout: { kind: "number", least: 0.001, isShown: true },
  weight: { kind: "number", isShown: true },
  order: { kind: "number", isShown: true },
  rpm: { kind: "count", isShown: true },
  max_parallel_requests: { kind: "count", isShown: true },
  max_retries: { kind: "count", least: 0, isShown: true },
  max_documents_per_call: { kind: "count", limit: "documentsPerCall", isShown: true },
  max_bytes_per_call: { kind: "count", limit: "bytesPerCall", isShown: true },
  max_tokens_per_document: { kind: "count", limit: "tokensPerDocument", isShown: true },
  max_tokens_per_call: { kind: "count", limit: "tokensPerCall", isShown: true },
  max_documents_in_flight: { kind: "count", limit: "documentsInFlight", isShown: true },
  normalize: { kind: ["none", "sigmoid"], isShown: true, isOfCombined: true },
  calibration: { kind: "calibration", isShown: false, isOfCombined: true },
  diversify: { kind: "diversify", isShown: true, isOfCombined: true },
  shadow: { kind: "shadow", isShown: true, isOfCombined: true },
  long_documents: { kind: ["truncate", "chunk_max"], isShown: true },
  on_document_error: { kind: ["fail", "warn"], isShown: true },
  on_error: { kind: ["fail", "passthrough"], isShown: true, isOfCombined: true },
  hedge: { kind: "flag", isShown: true },
  extra_headers: { kind: "headers", isShown: false },
  provider_options: { kind: "record", isShown: false },
};

/** A row for each parameter, of a kind that agrees with the type of its value. */
export type DeploymentParamSpecs = {
  readonly [Name in keyof DeploymentParams]-?: ParamSpec<KindOf<NonNullable<DeploymentParams[Name]>>>;
};

/** In tuples, so that a union of words is looked at as a whole. */
type KindOf<Value> = [Value] extends [number]
  ? "number" | "count"
  : [Value] extends [boolean]
    ? "flag"
    : [Value] extends [string]
      ? string extends Value
        ? "text"
        : readonly Value[]
      : [Value] extends [Calibration]
        ? "calibration"
        : [Value] extends [ShadowParams]
          ? "shadow"
          : [Value] extends [Readonly<Record<string, string>>]
            ? "headers"
            : [Value] extends [Readonly<Record<string, unknown>>]
              ? "record"
              : [Value] extends [DiversifyOptions]
                ? "diversify"
                : never;

/** The limits that a deployment's parameters set by hand. */
export function configuredLimits(params: ModelParams): Limits {
  const limits: { -readonly [Name in keyof Limits]: Limits[Name] } = {};
  for (const { name, limit } of limitParams) {
    const value = params[name];
    if (typeof value === "number") limits[limit] = value;
  }
  return limits;
}

/** The parameters that are the provider's own: every key that core does not read. */
export function paramsOfProvider(params: ModelParams): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !Object.hasOwn(deploymentParams, name)));
}

const limitParams = Object.entries<ParamSpec>(deploymentParams).flatMap(([name, { limit }]) =>
  limit === undefined ? [] : [{ name, limit }],
);
