import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const nvidiaNim: DefinedRow = defineRow(
  {
    name: "nvidia_nim",
    label: "NVIDIA NIM",
    api_base: "https://ai.api.nvidia.com",
    api_base_env: ["NVIDIA_NIM_API_BASE"],
    api_key_env: ["NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY"],
    path: "/v1/retrieval/{model}/reranking",
    request: {
      query_form: "object",
      documents: "passages",
      document_form: "object",
      // The default depends on the model, and tends to refuse.
      truncate: { field: "truncate", cut: "END", refuse: "NONE", always: true },
    },
    response: { results: "rankings", score: "logit", input_tokens: ["usage.total_tokens"] },
    score_kind: "logit",
    billing: "compute",
    limits: { documents_per_call: 512 },
    models: [
      { match: "nvidia/llama-nemotron-rerank-1b-v2" },
      { match: "nvidia/llama-nemotron-rerank-vl-1b-v2" },
      { match: "nvidia/llama-3*2-nv-rerankqa-1b-v2", deprecated: "use nvidia/llama-nemotron-rerank-1b-v2" },
    ],
    documentation: {
      page: "https://docs.nvidia.com/nim/",
      quirks: [
        "a NIM of one's own is `nvidia_nim/ranking/<model>` with its `api_base`; the model has the name that the NIM serves",
        "scores are logits, often negative",
        "a document without text is refused",
        "LiteLLM's price map gives 0 for NVIDIA's trial; here no price is known until `model_info` names one",
      ],
    },
  },
  {
    path: (path, { model }) => {
      if (model.startsWith(route)) return "/v1/ranking";
      // The oldest model has no name in its address, and dots are underscores in those of the others.
      if (model === "nv-rerank-qa-mistral-4b:1") return "/v1/retrieval/nvidia/reranking";
      return path.replace("{model}", model.replaceAll(".", "_"));
    },
    body: ({ model, ...body }) => ({ ...body, model: String(model).replace(route, "") }),
  },
);

/** LiteLLM's name for the route of a NIM of one's own. */
const route = "ranking/";
