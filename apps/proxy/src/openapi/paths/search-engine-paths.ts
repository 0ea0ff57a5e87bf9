import { weaviateMetaPath, weaviateProbePaths } from "../../routes/search-engines/weaviate-service.ts";
import { reference } from "../component-schemas.ts";
import { guardedErrors } from "../error-responses.ts";
import type { Operation, Paths } from "../open-api.ts";
import { callHeaders } from "../response-headers.ts";
import { foreignTag } from "./foreign-paths.ts";

/** What search engines ask beside a ranking. */
export function describeSearchEnginePaths(): Paths {
  return Object.fromEntries([
    ...weaviateProbePaths.map((path) => [path, { get: probe(path) }] as const),
    [weaviateMetaPath, { get: meta }],
  ]);
}

function probe(path: string): Operation {
  const isReady = path.endsWith("/ready");
  return {
    operationId: isReady ? "weaviateReady" : "weaviateLive",
    tags: [foreignTag],
    summary: isReady ? "Weaviate's probe: may requests come?" : "Weaviate's probe: is the process alive?",
    ...(isReady && { description: "As `GET /health/readiness`. Weaviate does not start before it may." }),
    security: [{}],
    responses: {
      "204": { description: "Yes.", headers: callHeaders },
      ...(isReady && {
        "503": {
          description: "Not yet, not any more, or not now.",
          headers: callHeaders,
          content: {
            "application/json": {
              schema: reference("ShuttingDown"),
              examples: { answer: { summary: "The answer", value: { status: "starting" } } },
            },
          },
        },
      }),
    },
  };
}

const meta: Operation = {
  operationId: "weaviateMeta",
  tags: [foreignTag],
  summary: "What Weaviate shows of its reranker",
  description:
    "The model that ranks what Weaviate sends: the first that the caller may use, because Weaviate names none.",
  responses: {
    "200": {
      description: "The model.",
      headers: callHeaders,
      content: {
        "application/json": {
          schema: reference("WeaviateMeta"),
          examples: { answer: { summary: "The answer", value: { model: "bm25", dheera_ai_version: "1.0.0" } } },
        },
      },
    },
    ...guardedErrors("model_not_found"),
  },
};
