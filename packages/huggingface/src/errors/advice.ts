import type { Key } from "../endpoint/credentials.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";

/** What to do about a model that cannot rerank. */
export function notRerankerMessage(model: string): string {
  return `${model} is not a re-ranker. Rerankers are sequence classification models with exactly one label: BAAI/bge-reranker-base, BAAI/bge-reranker-v2-m3, Alibaba-NLP/gte-multilingual-reranker-base, mixedbread-ai/mxbai-rerank-base-v1`;
}

/** What to do about a model that the serverless API does not have. */
export function notServedMessage(model: string): string {
  return `${model} is not served by hf-inference as a reranker; run it with Text Embeddings Inference or as an Inference Endpoint and set api_base`;
}

/** What to do about a key that was refused, or that is missing. */
export function keyMessage(key: Key, { kind }: Pick<Endpoint, "kind">): string {
  if (key.kind === "sent") return `the key from ${key.source} was refused; check that it is valid for this server`;
  if (key.kind === "withheld")
    return `the server wants a key. ${key.source} was not sent, because it goes to hosts of Hugging Face only; set api_key for this api_base`;
  return kind === "server"
    ? "the server wants a key (it was started with --api-key, or a proxy before it asks for one); set api_key"
    : "Hugging Face wants a token; set HF_TOKEN or api_key";
}

/** Which permission a key lacks. `text` is the text of the refusal. */
export function permissionMessage(text: string, key: Key, { kind, model }: Endpoint): string {
  if (key.kind !== "sent") return keyMessage(key, { kind });
  if (/gated|awaiting a review|ask for access|restricted/i.test(text))
    return `access to ${model} is gated; accept its terms on https://huggingface.co/${model} with the account of the token from ${key.source}`;
  if (kind === "serverless")
    return `the token from ${key.source} lacks the permission "Make calls to Inference Providers"; add it at https://huggingface.co/settings/tokens`;
  if (kind === "dedicated")
    return `the token from ${key.source} may not call this Inference Endpoint; it needs the permission "Make calls to your Inference Endpoints" of the endpoint's owner`;
  return `the key from ${key.source} is not allowed to do this; check its permissions`;
}
