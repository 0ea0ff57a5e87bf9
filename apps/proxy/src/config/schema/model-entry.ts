import type { ModelEntry } from "@dheera-ai/core";
import * as v from "valibot";

import { type Kind, anything, choice, flag, named, number, openSection, section, text, whole } from "./kinds.ts";

const params = openSection(
  {
    model: text("Provider and model: `<provider>/<model>`, such as `huggingface/BAAI/bge-reranker-base`."),
    api_base: v.optional(text("URL of the server, where it is not the provider's own.")),
    api_key: v.optional(text("Key for this server; usually `os.environ/NAME`.")),
    timeout: v.optional(number("Seconds for one call to this server.")),
    weight: v.optional(number("Share of the traffic under `simple-shuffle`; default 1.")),
    order: v.optional(number("Priority tier: lower is used first. Default 0.")),
    rpm: v.optional(whole("Requests a minute that this server gets.")),
    max_parallel_requests: v.optional(whole("Calls to this server at one time.")),
    max_retries: v.optional(whole("Retries of one batch; wins over `num_retries`.", { least: 0 })),
    max_documents_per_call: v.optional(whole("Documents of one call; wins over what the server says.")),
    max_bytes_per_call: v.optional(whole("Bytes of one call; wins over what the server says.")),
    max_tokens_per_document: v.optional(
      whole("Tokens of query and document together; wins over what the server says."),
    ),
    max_documents_in_flight: v.optional(whole("Documents at this server at one time; wins over what the server says.")),
    normalize: v.optional(
      choice(["none", "sigmoid"], "`sigmoid` maps logits to 0..1; scores of other kinds stay as they are."),
    ),
    long_documents: v.optional(
      choice(
        ["truncate", "chunk_max"],
        "What happens to documents longer than the model reads: cut, or scored in windows of which the best counts.",
      ),
    ),
    on_document_error: v.optional(
      choice(["fail", "warn"], "What one refused document does: fail the request, or rank last with a warning."),
    ),
    on_error: v.optional(
      choice(
        ["fail", "passthrough"],
        "When nothing can rank: an error, or the input order with `meta.reranked: false`.",
      ),
    ),
    hedge: v.optional(flag("Send a straggling batch a second time to another replica. Default false.")),
    extra_headers: v.optional(named(text("The header's value."), "Headers sent to the server with each call.")),
  },
  "How to reach one deployment and how to treat it. Keys not listed here are handed to the provider.",
  [
    "tpm",
    "tags",
    "drop_params",
    "custom_llm_provider",
    "configurable_clientside_auth_params",
    "use_in_pass_through",
    "use_litellm_proxy",
    "merge_reasoning_content_in_choices",
    "stream_timeout",
    "max_budget",
    "budget_duration",
    "mock_response",
    "input_cost_per_query",
    "input_cost_per_token",
    "output_cost_per_token",
    "litellm_credential_name",
    "cache_control_injection_points",
    "additional_drop_params",
    "allowed_openai_params",
    "temperature",
    "max_tokens",
    "stream",
    "api_version",
  ],
);

const modelInfo = openSection(
  {
    id: v.optional(text("Names the deployment in headers, metrics and logs; derived from the parameters when absent.")),
    health_check_timeout: v.optional(number("Seconds for one health check of this deployment; default 60.")),
    disable_background_health_check: v.optional(flag("Leave this deployment out of background health checks.")),
    metadata: v.optional(anything("Shown in `/model/info`.")),
  },
  "Shown in `/model/info`.",
);

/** One entry of `model_list`. */
export const modelEntry: Kind<ModelEntry> = section(
  {
    model_name: text("The name callers use. Entries that share it share its traffic."),
    dheera_ai_params: params,
    model_info: v.optional(modelInfo),
  },
  "One deployment: a model at a place with a key.",
  ["tpm", "rpm"],
);
