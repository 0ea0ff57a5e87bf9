import type { Hono } from "hono";

import type { Caller } from "../access/caller.ts";
import { demandFirstModel } from "../access/permissions.ts";
import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";
import type { RequestContext } from "../http/request-context.ts";
import { version } from "../version.ts";

export const teiInfoPath = "/info";

/** What clients of Text Embeddings Inference ask before they rank, such as Dify: is a reranker here, and what fits. */
export interface TeiInfo {
  /** The model name that serves requests with `texts` that name none. */
  readonly model_id: string;
  readonly served_model_name: string;
  readonly model_type: { readonly reranker: { readonly id2label: object; readonly label2id: object } };
  /** Tokens; absent where no deployment of the model has said it. */
  readonly max_input_length?: number;
  readonly max_client_batch_size: number;
  readonly auto_truncate: true;
  readonly version: string;
  /** Tells our own programs that this is no Text Embeddings Inference. */
  readonly dheera_ai_version: string;
}

export function teiInfoRoute(app: Hono, handle: Handle): void {
  app.get(
    teiInfoPath,
    handle.guarded(teiInfoPath, (context, caller) => answerJson(context, infoOf(context, caller))),
  );
}

function infoOf({ gateway }: RequestContext, caller: Caller): TeiInfo {
  const model = demandFirstModel(caller, gateway.dheera.models());
  const lengths = gateway.dheera
    .deployments()
    .flatMap(({ modelName, profile }) => (modelName === model ? (profile?.limits.tokensPerDocument ?? []) : []));
  const { max_documents: most } = gateway.config.general_settings;
  return {
    model_id: model,
    served_model_name: model,
    model_type: { reranker: { id2label: { 0: "LABEL_0" }, label2id: { LABEL_0: 0 } } },
    ...(lengths.length > 0 && { max_input_length: Math.min(...lengths) }),
    max_client_batch_size: Math.min(most, caller.key?.max_documents ?? most),
    auto_truncate: true,
    version,
    dheera_ai_version: version,
  };
}
