import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const elastic: DefinedRow = defineRow({
  name: "elastic",
  label: "Elasticsearch inference",
  api_base_env: ["ELASTIC_API_BASE"],
  api_key_env: ["ELASTIC_API_KEY"],
  key_prefix: "ApiKey ",
  path: "/_inference/rerank/{model}",
  request: { model: null, documents: "input", options: ["task_settings"] },
  response: { results: "rerank" },
  // Elastic's own model has no bounds; others have.
  score_kind: "unknown",
  billing: "compute",
  documentation: {
    page: "https://www.elastic.co/docs/api/doc/elasticsearch/group/endpoint-inference",
    quirks: [
      "the model is the name of an inference endpoint, and `api_base` your cluster",
      "answers do not say what was billed",
    ],
  },
});
