import type { Hono } from "hono";

import { demandFirstModel } from "../../access/permissions.ts";
import type { Handle } from "../../http/handle.ts";
import { answerJson } from "../../http/json-response.ts";
import { version } from "../../version.ts";
import { whyNotReady } from "../health.ts";

/** Weaviate does not start before this path answers, and its container has the other beside it. */
export const weaviateProbePaths: readonly string[] = ["/weaviate/.well-known/ready", "/weaviate/.well-known/live"];
export const weaviateMetaPath = "/weaviate/meta";

/** What Weaviate shows of its reranker among the modules of its own `/v1/meta`. */
export interface WeaviateMeta {
  /** The model name that ranks what Weaviate sends, because it names none. */
  readonly model: string;
  readonly dheera_ai_version: string;
}

/** What Weaviate's module `reranker-transformers` asks its inference container beside `/rerank`. */
export function weaviateServiceRoutes(app: Hono, handle: Handle, whyUnable?: () => Promise<string | undefined>): void {
  for (const path of weaviateProbePaths)
    app.get(
      path,
      handle.open(path, async (context) => {
        const reason = path.endsWith("/ready") ? await whyNotReady(context, whyUnable) : undefined;
        if (reason !== undefined) return answerJson(context, reason, 503);
        return new Response(null, { status: 204, headers: context.headers });
      }),
    );
  app.get(
    weaviateMetaPath,
    handle.guarded(weaviateMetaPath, (context, caller) => {
      const model = demandFirstModel(caller, context.gateway.dheera.models());
      return answerJson(context, { model, dheera_ai_version: version } satisfies WeaviateMeta);
    }),
  );
}
