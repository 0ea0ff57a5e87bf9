import { type Answer, json } from "../http/answer.ts";
import type { Settings } from "../options.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `GET /info`. */
export function info({ settings }: RequestContext): Answer {
  return json(200, {
    model_id: settings.modelId,
    model_sha: settings.fromFolder ? null : settings.modelSha,
    // The attention that needs no padding exists for float16 on a GPU alone.
    model_dtype: settings.pads ? "float32" : "float16",
    served_model_name: settings.modelId,
    model_type: modelTypes[settings.modelType],
    max_concurrent_requests: settings.maxConcurrentRequests,
    max_input_length: settings.maxInputLength,
    max_batch_tokens: settings.maxBatchTokens,
    max_batch_requests: null,
    max_client_batch_size: settings.maxClientBatchSize,
    auto_truncate: settings.autoTruncate,
    tokenization_workers: 2,
    version: settings.version,
    sha: null,
    docker_label: null,
  });
}

/** Externally tagged, as serde writes an enum. */
const modelTypes = {
  reranker: { reranker: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } },
  classifier: {
    classifier: {
      id2label: { "0": "LABEL_0", "1": "LABEL_1" },
      label2id: { LABEL_0: 0, LABEL_1: 1 },
    },
  },
  embedding: { embedding: { pooling: "cls" } },
} as const satisfies Record<Settings["modelType"], object>;
