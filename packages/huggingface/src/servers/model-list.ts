import * as v from "valibot";

import type { Endpoint } from "../endpoint/endpoint.ts";
import type { RerankApi, ServedModel } from "./rerank-api.ts";

export interface ModelList {
  readonly kind: RerankApi;
  readonly model: ServedModel;
}

const word = v.pipe(v.string(), v.maxLength(500));
const listSchema = v.object({
  data: v.array(
    v.object({
      id: word,
      owned_by: v.nullish(word),
      root: v.nullish(word),
      max_model_len: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
    }),
  ),
});

const owners: Readonly<Record<string, RerankApi>> = {
  vllm: "vllm",
  sglang: "sglang",
  llamacpp: "llama.cpp",
  infinity: "infinity",
  xinference: "xinference",
  localai: "localai",
};

/**
 * Reads an OpenAI-style model list, in which most servers name themselves as the owner. Undefined when it is no such
 * list.
 */
export function parseModelList(body: unknown, endpoint: Endpoint): ModelList | undefined {
  const parsed = v.safeParse(listSchema, body, { abortEarly: true });
  if (!parsed.success) return undefined;
  const { data } = parsed.output;
  // A server with one model may call it anything; among several only the name decides.
  const entry =
    data.find(({ id }) => id === endpoint.model) ??
    data.find(({ root }) => root === endpoint.model) ??
    (data.length === 1 ? data[0] : undefined);
  const owner = (entry ?? data[0])?.owned_by?.toLowerCase() ?? "";
  return {
    kind: owners[owner] ?? "unknown",
    model: {
      id: entry?.id ?? endpoint.model,
      root: entry?.root ?? undefined,
      tokens: entry?.max_model_len ?? undefined,
    },
  };
}
