import type { CacheControls, RerankRequest } from "@dheera-ai/core";

import type { TeiRequest } from "../formats/tei-request.ts";

/** The fields that a request over HTTP may have. */
type RerankField = Exclude<keyof RerankRequest, "signal">;

/** The meaning of each field of a request. A field without a description does not compile. */
export const rerankFields: Readonly<Record<RerankField, string>> = {
  model:
    "A model name of the configuration, which `GET /v1/models` lists, or the id of one deployment. Required everywhere but at `/rerank`, where a key that names its models, or whose team does, may leave it out: it gets the first that it names. Lines of batches always need it.",
  query: "The text that documents are compared with.",
  documents:
    "What is ranked: texts, or objects with a `text`, or objects with any fields (see `rank_fields`). At most 10,000, or `general_settings.max_documents`.",
  top_n: "How many results to return; all when absent.",
  top_k: "Another name of `top_n`, which wins where both are given.",
  return_documents: "Echo each document in its result, a text as `{ text }`. Default false.",
  rank_fields:
    "Fields of object documents that are scored, in this order, each once; `text` when absent, and all fields where there is no `text`; so is a document that has none of them, with a warning. At most 100.",
  max_tokens_per_doc: "Tokens of one document that count; the rest is cut.",
  max_chunks_per_doc:
    "With `long_documents: chunk_max`: chunks scored for one document at most. Default 10; `general_settings.max_chunks_per_doc` (100) is the most.",
  long_documents:
    "`truncate`: what is too long is cut. `chunk_max`: long documents are scored in overlapping chunks and the best counts. Default truncate.",
  truncate:
    "false or `NONE`: a document that is too long is refused instead of cut. `START`, `END`: the beginning or the end of what is too long is cut off. Default true.",
  truncation_direction: "Which end is cut off, where `truncate` does not say it. Default right.",
  raw_scores: "Logits instead of normalised scores, where the model can.",
  normalize: "`sigmoid` maps logits to 0..1 and leaves scores of any other kind alone.",
  min_score: "Results below this score are left out. Clients that want every document back must not send it.",
  diversify:
    "Put documents that say the same as one before them further back, among the best 1,000: `{ method: mmr, lambda: 0.7 }`, of which lambda (0 to 1) is how much relevance counts. `relevance_score` stays the model's. In place of that of the configuration; `lambda: 1` changes nothing.",
  instruction: "What “relevant” means, for models that follow instructions.",
  relevant_spans:
    "Say of each result which parts of its document are relevant, where the model can (Cohere's Rerank 5): `{ mode: enabled, threshold, max_spans }`. Such a request is neither answered from cached scores nor stored.",
  on_document_error:
    "`fail`: a document that the model refuses fails the request. `warn`: it is ranked last, with a warning. Default fail.",
  provider_options:
    'Options that only one provider knows, by its name: `{ "cohere": { "priority": 1 } }`. Each provider\'s README lists its own.',
  cache: "How the request uses the score cache.",
  explain: "Say in `meta.explain` which deployment scored which documents, and what the cache knew. Default false.",
  priority:
    "Whole number, 0 (default) the highest: where a deployment is busy, the request's part of what its key gets is 1 / (1 + priority). It takes nothing from other keys. `background`: it gets what no other request wants, and waits until there is something.",
  fallbacks:
    "Model names that serve when every deployment of `model` failed, in place of those of the configuration: at most 10 that the key may use. `{ model: [names] }` is read as well.",
  disable_fallbacks: "No other model than `model` may serve. Default false.",
  timeout: "Seconds for the whole request, every wait and retry included.",
  api_base: "Refused: a request cannot choose the upstream. Only null is accepted.",
  api_key: "Refused: a request cannot choose the upstream's key. Only null is accepted.",
};

export const cacheFields: Readonly<Record<keyof CacheControls, string>> = {
  "no-cache": "Compute all scores again; still store them.",
  "no-store": "Do not store the scores.",
  ttl: "Seconds for which the scores are kept.",
  "s-maxage": "Accept only scores at most this many seconds old.",
  namespace: "Scores are shared only within one namespace.",
};

export const teiFields: Readonly<Record<keyof TeiRequest, string>> = {
  model:
    "A model name of the configuration. Clients of Text Embeddings Inference name none: then it is the first that the caller may use.",
  query: "The text that documents are compared with.",
  texts: "What is ranked.",
  truncate: "false: a text that is too long is refused instead of cut. Default true.",
  truncation_direction: "Which end is cut off: `Left` or `Right`. Default right.",
  raw_scores: "Logits instead of normalised scores, where the model can.",
  return_text: "Echo each text in its result. Default false.",
};
