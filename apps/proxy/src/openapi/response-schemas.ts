import { type RerankResponse, type RerankStage, errorCodes } from "@dheera-ai/core";
import * as v from "valibot";

import { serviceNames } from "../gateway/health/services.ts";
import type { ErrorBody } from "../formats/error-body.ts";
import type { TeiErrorBody } from "../formats/tei.ts";
import type { TeiInfo } from "../routes/tei-info.ts";
import type { WeaviateMeta } from "../routes/search-engines/weaviate-service.ts";
import { roles } from "../sign-in/person.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const dollars = v.pipe(v.number(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const callId = described(
  v.string(),
  "The call id: a UUID, or what the caller sent as `x-dheera-call-id`. Logs and traces carry it.",
);
const scoreKind = described(
  v.picklist(["probability", "logit", "cosine", "rank", "unknown", "calibrated", "fused"]),
  "What the scores are.",
);

/** What a stage says; those that it is made of itself are nested as deep as the configuration has it. */
const stageEntries = {
  model: described(v.string(), "The model name that was asked."),
  documents: described(count, "Documents that it was given; 0 where it was not asked."),
  milliseconds: described(milliseconds, "From the question to its ranking."),
  score_kind: v.optional(scoreKind),
  cost: v.optional(described(dollars, "US dollars, where all of it is known.")),
  skipped: v.optional(
    described(
      v.picklist(["margin", "score"]),
      "Why it was not asked: the stage before it was sure by its margin or by its best score.",
    ),
  ),
  failed: v.optional(described(v.picklist(errorCodes), "The error for which it is left out of the ranking.")),
};
export const rerankStage: v.GenericSchema<RerankStage> = v.object({
  ...stageEntries,
  stages: v.optional(
    described(v.array(v.lazy((): v.GenericSchema<RerankStage> => rerankStage)), "Where it is made of others itself."),
  ),
});

const rerankResults = v.array(
  v.object({
    index: described(count, "Position in the request's `documents`, from 0."),
    relevance_score: v.number(),
    stage: v.optional(
      described(
        v.string(),
        "Of a cascade: the model name of the stage that ranked this document, the last one that it reached.",
      ),
    ),
    stage_score: v.optional(described(v.number(), "Of a cascade: what that stage said, on its own scale.")),
    document: v.optional(
      described(
        v.record(v.string(), v.unknown()),
        "Only with `return_documents`: `{ text }` for a text, else the object as it was sent.",
      ),
    ),
    relevant_spans: v.optional(
      described(
        v.array(v.object({ start: count, end: count, score: v.optional(v.number()) })),
        "Only with `relevant_spans`, where the upstream gives them: parts of the text that was scored, in code points.",
      ),
    ),
  }),
);

const rerankObject = v.object({
  id: callId,
  object: v.literal("list"),
  model: described(v.string(), "The model name that served: a fallback's where one did."),
  results: described(rerankResults, "Best first; ties in the order of the request."),
  meta: v.object({
    api_version: v.object({ version: v.literal("2"), is_experimental: v.literal(false) }),
    billed_units: described(
      v.object({
        search_units: v.optional(
          described(
            count,
            "As the upstream named them, or else by its rule where it bills per search: one for each call and 100 documents begun.",
          ),
        ),
        input_tokens: v.optional(described(count, "Where the upstream bills per token and counts them.")),
        output_tokens: v.optional(described(count, "Where the upstream bills per token and counts them.")),
      }),
      "What the upstream billed for this request; empty where that is not known.",
    ),
    tokens: v.optional(
      described(v.object({ input_tokens: count, output_tokens: count }), "Where the upstream counts tokens."),
    ),
    score_kind: v.optional(scoreKind),
    stages: v.optional(
      described(
        v.array(rerankStage),
        "Of a model that asks others: what each of them did, in the order in which they were asked.",
      ),
    ),
    diversified: v.optional(
      described(v.literal(true), "The order is by more than scores, which stay the model's: `diversify`."),
    ),
    cached_documents: v.optional(described(count, "Documents whose score was known before.")),
    reranked: v.optional(
      described(
        v.literal(false),
        "No deployment could rank, and `on_error: passthrough` answered in the order of the request; scores mean nothing.",
      ),
    ),
    warnings: v.optional(
      described(v.array(v.string()), "What the caller should know: documents that were cut, for one."),
    ),
    explain: v.optional(
      described(
        v.object({
          queue_ms: described(milliseconds, "Time in which no call ran but a batch waited for a place or a retry."),
          upstream_ms: described(milliseconds, "Time in which at least one call ran."),
          calls: described(
            v.array(
              v.object({
                deployment: described(v.string(), "Its id, as in `x-dheera-model-id`."),
                model: described(v.string(), "The model name it serves."),
                documents: described(v.array(count), "Positions in the request's `documents`."),
                attempt: described(count, "0 for the first try of a batch."),
                hedge: v.optional(described(v.literal(true), "The call was a copy of a slow one.")),
                queue_ms: described(milliseconds, "How long the batch waited for a place."),
                duration_ms: milliseconds,
                error: v.optional(described(v.picklist(errorCodes), "Why it brought no scores.")),
              }),
            ),
            "Every call, failed ones included, in the order in which they began.",
          ),
          sources: described(
            v.array(v.picklist(["computed", "cached", "repeated", "refused"])),
            "For each document, in the order of the request: computed for this request, known before, that of an equal document, or refused by the model. Empty where nothing was ranked.",
          ),
        }),
        "How the ranking came about; only with `explain`.",
      ),
    ),
  }),
  usage: v.optional(
    described(
      v.object({
        prompt_tokens: v.optional(count),
        completion_tokens: v.optional(count),
        total_tokens: v.optional(count),
        cost: v.optional(
          described(
            dollars,
            "US dollars of all calls, failed attempts included: as the upstream named them, else units by price. Absent as soon as the cost of one call is not known.",
          ),
        ),
        saved_cost: v.optional(
          described(
            dollars,
            "US dollars that documents would have cost whose scores were known or repeated: by the upstream's rule where it bills per search, an estimate where it bills per token. Absent where there are none or no price is known.",
          ),
        ),
      }),
      "Where the upstream counts tokens or the cost is known; 0 tokens where all scores were known before.",
    ),
  ),
});

export const rerankResponse: v.GenericSchema<RerankResponse & { readonly object: "list" }> = rerankObject;
/** What stands beside the ranking, in foreign formats too. */
export const rerankMeta = rerankObject.entries.meta;
/** One result. */
export const rerankResult = rerankResults.item;

export const teiResponse: v.GenericSchema = described(
  v.array(
    v.object({ index: count, score: v.number(), text: v.optional(described(v.string(), "Only with `return_text`.")) }),
  ),
  "Best first; ties in the order of the request.",
);

export const errorBody = v.object({
  id: callId,
  message: described(
    v.string(),
    "What failed, where, and what to try. It holds no key and no text of a query or a document.",
  ),
  detail: described(v.string(), "The message again, where clients of Jina look for it."),
  error: v.object({
    message: v.string(),
    type: described(v.string(), "Whose fault it is, in OpenAI's words."),
    code: v.picklist([...errorCodes, "not_found", "method_not_allowed", "bad_request", "conflict"]),
    param: described(v.nullable(v.string()), "The field at fault: `documents[3]`."),
  }),
}) satisfies v.GenericSchema<ErrorBody>;

export const teiErrorBody: v.GenericSchema<TeiErrorBody> = v.object({
  id: callId,
  message: v.string(),
  error: described(v.string(), "The message again, where clients of Text Embeddings Inference look for it."),
  error_type: v.picklist(["Empty", "Validation", "Overloaded", "Backend", "Unhealthy"]),
  code: v.picklist(errorCodes),
});

export const model: v.GenericSchema = v.object({
  id: described(v.string(), "What to send as `model`."),
  object: v.literal("model"),
  created: count,
  owned_by: v.literal("dheera-ai"),
  model_type: described(v.literal("rerank"), "Where clients of Xinference look for what it does."),
});

export const modelList: v.GenericSchema = v.object({ object: v.literal("list"), data: v.array(model) });

export const weaviateMeta: v.GenericSchema<WeaviateMeta> = v.object({
  model: described(v.string(), "The model name."),
  dheera_ai_version: v.string(),
});

export const teiInfo: v.GenericSchema<TeiInfo> = v.object({
  model_id: described(v.string(), "The model name."),
  served_model_name: v.string(),
  model_type: v.object({
    reranker: v.object({ id2label: v.looseObject({}), label2id: v.looseObject({}) }),
  }),
  max_input_length: v.optional(
    described(count, "Tokens of one text and the query; absent where no deployment has said it."),
  ),
  max_client_batch_size: described(count, "Texts that one request may hold."),
  auto_truncate: v.literal(true),
  version: described(v.string(), "Of this proxy."),
  dheera_ai_version: described(v.string(), "The same; tells that this is no Text Embeddings Inference."),
});

const params = v.looseObject({
  model: described(v.string(), "`<provider>/<model>`."),
  api_base: v.optional(v.string()),
});

export const modelInfoList: v.GenericSchema = v.object({
  data: v.array(
    v.object({
      model_name: v.string(),
      dheera_ai_params: described(
        params,
        "What the configuration says of it, without keys and without what belongs to the provider.",
      ),
      litellm_params: described(params, "The same, for clients of LiteLLM."),
      model_info: described(
        v.looseObject({
          id: described(v.string(), "The deployment's id, as in headers, metrics and logs."),
          db_model: described(v.boolean(), "Whether it is in the database, added over the API."),
          mode: v.literal("rerank"),
          state: described(
            v.picklist(["unknown", "healthy", "starting", "cooling", "unavailable", "combined"]),
            "`combined`: it asks other models, whose states count. `unknown`: never called. `starting`: its server loads or wakes up. `cooling`: left alone after failures. `unavailable`: misses something to be called.",
          ),
          unavailable: v.optional(described(v.string(), "What it misses.")),
          members: v.optional(described(v.array(v.string()), "The model names that a model asks that asks others.")),
          last_error: v.optional(
            described(v.picklist(errorCodes), "Of its last failure, while it has not succeeded since."),
          ),
          runs_here: v.optional(
            described(
              v.literal(true),
              "Its model runs on the proxy's own machine, so that documents go to no other server.",
            ),
          ),
          latency_ms: v.optional(
            described(v.object({ p50: milliseconds, p95: milliseconds, p99: milliseconds }), "Of recent calls."),
          ),
          documents_in_flight: count,
          documents_queued: described(count, "Without those in the background."),
          background: v.optional(
            described(
              v.object({ documents_in_flight: count, documents_queued: count }),
              "What is in flight of requests with `priority: background`, and what waits of them. Absent before the first.",
            ),
          ),
          documents_allowed: v.optional(
            described(count, "Documents it may have in flight now. Absent when no limit is known."),
          ),
          calls: count,
          failures: count,
          score_kind: v.optional(scoreKind),
          scoring: v.optional(
            described(
              v.picklist(["pointwise", "listwise"]),
              "`listwise`: documents influence each other's scores, so they are never split nor remembered one by one.",
            ),
          ),
          billing: v.optional(v.picklist(["compute", "per-search", "per-token"])),
          input_cost_per_query: v.optional(described(dollars, "US dollars of a search, where the price is known.")),
          input_cost_per_token: v.optional(described(dollars, "US dollars of an input token.")),
          output_cost_per_token: v.optional(described(dollars, "US dollars of an output token.")),
          limits: v.optional(described(v.record(v.string(), v.number()), "What one call may hold.")),
          server: v.optional(described(v.string(), "Software and version, as the server names itself.")),
          warnings: v.optional(v.array(v.string())),
        }),
        "What is known of the deployment now, and whatever the configuration has under `model_info`.",
      ),
    }),
  ),
});

const byReason = v.record(v.string(), count);

export const shadowReport: v.GenericSchema = v.object({
  data: v.array(
    v.object({
      model: described(v.string(), "The model name that answered."),
      shadow: described(v.string(), "The model name that was asked as well."),
      compared: described(count, "Requests that both have ranked."),
      failed: described(byReason, "Requests that the second model could not rank, by error code."),
      dropped: described(byReason, "Requests that were not sent to it, by the limit that they would have passed."),
      overlap: v.optional(
        described(v.number(), "Mean part of the first documents (`top_n`, or 10) that both have, 0 to 1."),
      ),
      kendall_tau: v.optional(described(v.number(), "Mean of Kendall's tau-b over the documents of both, −1 to 1.")),
      latency_ms: v.optional(
        described(
          v.object({ served: milliseconds, shadow: milliseconds }),
          "Means over the requests of which no score was known before.",
        ),
      ),
      cost: v.optional(
        described(
          v.object({ served: v.optional(dollars), shadow: v.optional(dollars) }),
          "US dollars of the compared requests, as far as they are known.",
        ),
      ),
    }),
  ),
});

export const modelGroupList: v.GenericSchema = v.object({
  data: v.array(
    v.object({
      model_group: described(v.string(), "The model name."),
      mode: v.literal("rerank"),
      providers: v.array(v.string()),
      deployments: count,
      healthy_deployments: count,
      score_kinds: v.array(scoreKind),
      rpm: described(
        v.nullable(count),
        "Requests a minute of all its deployments; null when one of them has no limit.",
      ),
    }),
  ),
});

const endpoint = v.looseObject({
  model_id: v.string(),
  model_name: v.string(),
  model: v.optional(v.string()),
  api_base: v.optional(v.string()),
});

export const healthReport: v.GenericSchema = v.object({
  healthy_endpoints: v.array(endpoint),
  unhealthy_endpoints: v.array(endpoint),
  healthy_count: count,
  unhealthy_count: count,
});

export const liveness: v.GenericSchema = v.literal("I'm alive!");

export const shuttingDown: v.GenericSchema = v.object({
  status: v.picklist(["starting", "shutting_down", "unable"]),
  reason: described(v.optional(v.string()), "Why the process cannot serve now: no file descriptors are left."),
});

export const readiness: v.GenericSchema = v.object({
  status: described(
    v.picklist(["healthy", "degraded"]),
    "`degraded`: the database cannot be reached. Keys that are known go on, others do not.",
  ),
  db: described(v.optional(v.picklist(["connected", "disconnected"])), "Absent where no database is configured."),
  batches: described(
    v.optional(v.picklist(["running", "waiting", "elsewhere"])),
    "Whether this process runs batches. `waiting`: something is in their way, which the log names. `elsewhere`: workers run them. Absent without `batch_settings.storage`.",
  ),
  spend_journal: described(
    v.optional(v.picklist(["empty", "in_use"])),
    "`in_use`: answers wait in the journal of this process until the database takes them. Absent where no database is configured.",
  ),
  model_processes: described(
    v.optional(v.picklist(["running", "starting", "failing", "asleep"])),
    "How models of `local/…` are that run in child processes, the worst of all. `failing`: one does not start, or keeps dying; the log and `/health` say why. `asleep`: nobody has asked one lately. Absent where there are none.",
  ),
  cache: described(v.nullable(v.string()), "The kind of score cache in use."),
  dheera_ai_version: v.string(),
});

export const servicesReport: v.GenericSchema = v.object({
  status: v.picklist(["healthy", "unhealthy"]),
  services: v.array(
    v.object({
      name: v.picklist(serviceNames),
      type: described(v.string(), "`local`: in the memory of this process. `none`: not configured."),
      status: described(v.picklist(["healthy", "unhealthy", "off"]), "`off`: not configured."),
    }),
  ),
});

function described<Schema extends v.GenericSchema>(
  schema: Schema,
  description: string,
): v.SchemaWithPipe<readonly [Schema, v.DescriptionAction<v.InferOutput<Schema>, string>]> {
  return v.pipe(schema, v.description(description));
}

export const routeTest: v.GenericSchema<{ route: string }> = v.object({
  route: described(v.string(), "The path that was asked for."),
});

export const clusterAuth: v.GenericSchema<{ auth: boolean }> = v.object({
  auth: described(v.boolean(), "Whether requests need a key."),
});

interface RouteList {
  routes: { path: string; methods: string[]; name: string | null; endpoint: string | null }[];
}

export const routeList: v.GenericSchema<RouteList> = v.object({
  routes: v.array(
    v.object({
      path: v.string(),
      methods: v.array(v.string()),
      name: described(v.nullable(v.string()), "Its operation in `/openapi.json`, where that has the path."),
      endpoint: described(v.nullable(v.string()), "The same."),
    }),
  ),
});

export const keyCheck: v.GenericSchema = v.object({ valid: v.literal(true) });

const person = v.object({
  userId: v.optional(described(v.string(), "Absent for the holder of the master key, and of a key without a user.")),
  name: described(v.string(), "What the audit log calls them."),
  role: v.picklist(roles),
  teams: v.array(v.object({ teamId: v.string(), role: v.picklist(["admin", "user"]) })),
  organizations: v.optional(described(v.array(v.string()), "Ids of the organizations that they manage.")),
  keyHash: v.optional(described(v.string(), "The id of the key with which they signed in.")),
});
const expires = described(v.number(), "When the session ends, in milliseconds since the epoch.");
const forgeryToken = described(
  v.string(),
  "What requests that change something send as `x-dheera-csrf` beside the session's cookie.",
);

export const signedIn: v.GenericSchema = v.object({ person, csrf_token: forgeryToken, expires });

export const sessionReport: v.GenericSchema = v.object({
  person: described(v.nullable(person), "Null where nobody is signed in."),
  csrf_token: v.nullable(forgeryToken),
  expires: v.nullable(expires),
  sign_in: described(v.object({ key: v.boolean(), sso: v.boolean() }), "How one can sign in here."),
});

export const signedOut: v.GenericSchema = v.object({
  signed_out: v.literal(true),
  redirect_to: described(
    v.nullable(v.string()),
    "Where the browser ends its session at the OpenID provider too; null where it has none.",
  ),
});
