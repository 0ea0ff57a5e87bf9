import { modelInfoPaths } from "../../routes/model-info.ts";
import { modelListPaths, modelPaths } from "../../routes/models.ts";
import { checkKeyPath } from "../../routes/rerank.ts";
import { teiInfoPath } from "../../routes/tei-info.ts";
import { type SchemaName, reference } from "../component-schemas.ts";
import { guardedErrors } from "../error-responses.ts";
import type { Operation, Parameter, Paths } from "../open-api.ts";
import { callHeaders } from "../response-headers.ts";
import { everyKey } from "../who-may.ts";

/** The model names, and the state of their deployments. A key sees the models it may use. */
export function describeModelPaths(): Paths {
  return Object.fromEntries([
    ...modelListPaths.map((path) => [path, { get: list(path) }]),
    ...modelPaths.map((path) => [`${path}/{model}`, { get: retrieve(path) }]),
    ...modelInfoPaths.map((path) => [path, { get: info(path) }]),
    ["/model_group/info", { get: groups() }],
    [teiInfoPath, { get: teiInfo() }],
    [checkKeyPath, { post: checkKey() }],
  ]);
}

function list(path: string): Operation {
  const model = { id: "bm25", object: "model", created: 1_677_610_602, owned_by: "dheera-ai", model_type: "rerank" };
  const value = { object: "list", data: [model] };
  return operation(`listModels${suffix(path)}`, "List the model names", "ModelList", value, whoLists);
}

function retrieve(path: string): Operation {
  const value = { id: "bm25", object: "model", created: 1_677_610_602, owned_by: "dheera-ai", model_type: "rerank" };
  const { responses, ...described } = operation(`retrieveModel${suffix(path)}`, "Show one model name", "Model", value);
  return {
    ...described,
    parameters: [
      {
        name: "model",
        in: "path",
        required: true,
        description: "The model name; one that holds slashes may be sent as it is.",
        example: "bm25",
        schema: { type: "string" },
      },
    ],
    responses: { ...responses, ...guardedErrors("model_not_found") },
  };
}

function teiInfo(): Operation {
  const { responses, ...described } = operation("teiInfo", "What clients of TEI ask before they rank", "TeiInfo", {
    model_id: "bge-reranker-base",
    served_model_name: "bge-reranker-base",
    model_type: { reranker: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } },
    max_input_length: 512,
    max_client_batch_size: 10_000,
    auto_truncate: true,
    version: "1.0.0",
    dheera_ai_version: "1.0.0",
  });
  return {
    ...described,
    description:
      "In the shape of Text Embeddings Inference, which serves one model: here the first that the caller may use, as with `texts` at `/rerank`.",
    responses: { ...responses, ...guardedErrors("model_not_found") },
  };
}

function checkKey(): Operation {
  return {
    ...operation("checkKey", "Is this key good?", "KeyCheck", { valid: true }, everyKey),
    description: "For Cohere's client. A key that is not good is refused, as everywhere.",
  };
}

function info(path: string): Operation {
  const place = { model: "huggingface/BAAI/bge-reranker-base", api_base: "http://reranker:8080" };
  const example = {
    data: [
      {
        model_name: "bge-reranker-base",
        dheera_ai_params: place,
        litellm_params: place,
        model_info: {
          id: "bge-reranker-base-ce4b4dad",
          db_model: false,
          mode: "rerank",
          state: "healthy",
          latency_ms: { p50: 21.4, p95: 38.1, p99: 52.7 },
          documents_in_flight: 64,
          documents_queued: 0,
          documents_allowed: 512,
          calls: 1840,
          failures: 2,
          score_kind: "probability",
          scoring: "pointwise",
          billing: "compute",
          limits: { documentsPerCall: 32, tokensPerDocument: 512, documentsInFlight: 512 },
          server: "text-embeddings-inference 1.9.3",
        },
      },
    ],
  };
  return {
    ...operation(
      `modelInfo${suffix(path)}`,
      "Show what is known of each deployment",
      "ModelInfoList",
      example,
      whoLooks,
    ),
    parameters: [ofModel, ofDeployment],
  };
}

function groups(): Operation {
  const example = {
    data: [
      {
        model_group: "bge-reranker-base",
        mode: "rerank",
        providers: ["huggingface"],
        deployments: 2,
        healthy_deployments: 2,
        score_kinds: ["probability"],
        rpm: null,
      },
    ],
  };
  return {
    ...operation("modelGroupInfo", "Show what is known of each model name", "ModelGroupList", example),
    parameters: [ofModel],
  };
}

const ofDeployment: Parameter = {
  in: "query",
  name: "litellm_model_id",
  required: false,
  description: "Only the deployment with this id, as in `x-dheera-model-id`; none when there is no such one.",
  schema: { type: "string" },
};

const ofModel: Parameter = {
  name: "model",
  in: "query",
  description: "Show this model name alone.",
  schema: { type: "string" },
};

const whoByKey = "Whoever has a key, of the models that it may use; all callers of a proxy without keys, of all.";
const whoLists = `${whoByKey} Whoever is signed in to a page, there: of the models that are theirs, proxy admins and viewers of all.`;
const whoLooks = `${whoByKey} Proxy admins and viewers who are signed in to a page, there: of all.`;

function operation(
  operationId: string,
  summary: string,
  schema: SchemaName,
  value: unknown,
  who: string = whoByKey,
): Operation {
  return {
    operationId,
    tags: ["Models"],
    summary,
    "x-who-may": who,
    responses: {
      "200": {
        description: "What the caller may see.",
        headers: callHeaders,
        content: { "application/json": { schema: reference(schema), examples: { example: { value } } } },
      },
      ...guardedErrors(),
    },
  };
}

/** Makes the ids of the same operation at several addresses differ: `/v1/models` is `listModelsV1`. */
function suffix(path: string): string {
  if (path.startsWith("/nvidia/")) return "Nvidia";
  return path.startsWith("/v1/") ? "V1" : "";
}
