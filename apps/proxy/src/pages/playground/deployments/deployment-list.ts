import * as v from "valibot";

/** One deployment as the table shows it. */
export interface Deployment {
  readonly id: string;
  readonly modelName: string;
  /** `<provider>/<model>`. */
  readonly model: string;
  readonly apiBase: string | undefined;
  /** Whether it was added over the API, which can change it. */
  readonly isAdded: boolean;
  /** US dollars, where a price is set. */
  readonly costPerQuery: number | undefined;
  readonly costPerToken: number | undefined;
  /** Whether it runs on the proxy's own machine. */
  readonly runsHere: boolean;
  readonly state: string;
  /** Model names that it asks, where it is made of others: it has no calls of its own. */
  readonly members: readonly string[];
  /** Why it is in that state, where a reason is known. */
  readonly reason: string | undefined;
  readonly documentsInFlight: number;
  readonly documentsQueued: number;
  /** Absent when no limit is known. */
  readonly documentsAllowed: number | undefined;
  readonly calls: number;
  readonly failures: number;
  /** Milliseconds; absent before the first call. */
  readonly latency: { readonly p50: number; readonly p99: number } | undefined;
}

const entry = v.object({
  model_name: v.string(),
  dheera_ai_params: v.object({ model: v.string(), api_base: v.optional(v.string()) }),
  model_info: v.object({
    id: v.string(),
    state: v.string(),
    unavailable: v.optional(v.string()),
    db_model: v.optional(v.boolean(), false),
    input_cost_per_query: v.nullish(v.number()),
    input_cost_per_token: v.nullish(v.number()),
    runs_here: v.optional(v.boolean(), false),
    last_error: v.optional(v.string()),
    members: v.optional(v.array(v.string()), []),
    documents_in_flight: v.number(),
    documents_queued: v.number(),
    documents_allowed: v.optional(v.number()),
    calls: v.number(),
    failures: v.number(),
    latency_ms: v.optional(v.object({ p50: v.number(), p99: v.number() })),
  }),
});

/** The answer of `/model/info`. */
export const deploymentList: v.GenericSchema<unknown, readonly Deployment[]> = v.pipe(
  v.object({ data: v.array(entry) }),
  v.transform(({ data }) => data.map(asDeployment)),
);

function asDeployment({
  model_name,
  dheera_ai_params: { model, api_base },
  model_info: info,
}: v.InferOutput<typeof entry>): Deployment {
  return {
    id: info.id,
    modelName: model_name,
    model,
    apiBase: api_base,
    isAdded: info.db_model,
    costPerQuery: info.input_cost_per_query ?? undefined,
    costPerToken: info.input_cost_per_token ?? undefined,
    runsHere: info.runs_here,
    state: info.state,
    members: info.members,
    reason: info.unavailable ?? info.last_error,
    documentsInFlight: info.documents_in_flight,
    documentsQueued: info.documents_queued,
    documentsAllowed: info.documents_allowed,
    calls: info.calls,
    failures: info.failures,
    latency: info.latency_ms,
  };
}
