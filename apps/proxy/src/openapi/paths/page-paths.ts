import { type SchemaName, reference } from "../component-schemas.ts";
import { guardedErrors } from "../error-responses.ts";
import { clusterAuthPath } from "../../routes/models.ts";
import { shadowInfoPath } from "../../routes/shadow-info.ts";
import type { Operation, Paths } from "../open-api.ts";
import { callHeaders } from "../response-headers.ts";

const readers = "The master key, and keys with `read_metrics: true`.";

/** Paths that are not about models: metrics, this description, and the pages for people. */
export function describePagePaths(): Paths {
  return {
    "/metrics": {
      get: {
        operationId: "metrics",
        tags: ["Operating"],
        summary: "Metrics for Prometheus",
        "x-who-may": readers,
        responses: {
          "200": {
            description: "In Prometheus's text format.",
            headers: callHeaders,
            content: { "text/plain": { schema: { type: "string" } } },
          },
          ...guardedErrors(),
          "404": {
            description: "Metrics are off, or have a port of their own (`--prometheus_metrics_port`).",
            headers: callHeaders,
            content: { "application/json": { schema: reference("Error") } },
          },
        },
      },
    },
    [shadowInfoPath]: { get: shadowInfo },
    "/routes": {
      get: forLitellm("routes", "Every path and its methods", "RouteList", {
        routes: [{ path: "/rerank", methods: ["POST"], name: "rerank", endpoint: "rerank" }],
      }),
    },
    "/test": { get: forLitellm("test", "Is a proxy here?", "RouteTest", { route: "/test" }) },
    [clusterAuthPath]: {
      get: forPrograms("Xinference", "clusterAuth", "Are keys needed?", "ClusterAuth", { auth: true }),
    },
    "/openapi.json": { get: page("openapi", "This description", "application/json", { type: "object" }) },
    "/docs": { get: page("docs", "This description, for people", "text/html", { type: "string" }) },
    "/": { get: page("playground", "The playground", "text/html", { type: "string" }) },
    "/ui": { get: page("teamsPage", "The page of keys, teams and spend", "text/html", { type: "string" }) },
    "/ui/batches": { get: page("batchesPage", "The page of batches", "text/html", { type: "string" }) },
  };
}

function page(
  operationId: string,
  summary: string,
  mediaType: string,
  schema: { type: "string" | "object" },
): Operation {
  return {
    operationId,
    tags: ["Operating"],
    summary,
    security: [{}],
    responses: { "200": { description: "Here it is.", headers: callHeaders, content: { [mediaType]: { schema } } } },
  };
}

function forLitellm(...operation: [id: string, summary: string, schema: SchemaName, value: unknown]): Operation {
  return forPrograms("LiteLLM", ...operation);
}

function forPrograms(
  software: string,
  operationId: string,
  summary: string,
  schema: SchemaName,
  value: unknown,
): Operation {
  return {
    operationId,
    tags: ["Operating"],
    summary,
    description: `For programs that were written for ${software}.`,
    security: [{}],
    responses: {
      "200": {
        description: "Here it is.",
        headers: callHeaders,
        content: { "application/json": { schema: reference(schema), examples: { example: { value } } } },
      },
    },
  };
}

const shadowInfo: Operation = {
  operationId: "shadowInfo",
  tags: ["Operating"],
  summary: "Compare models on live requests",
  description:
    "For each entry with `shadow`, what its model and the second one said to the same requests since the start: the figures of `/metrics`, summed up.",
  "x-who-may": readers,
  responses: {
    "200": {
      description: "One object for each pair of models.",
      headers: callHeaders,
      content: {
        "application/json": {
          schema: reference("ShadowReport"),
          examples: {
            example: {
              value: {
                data: [
                  {
                    model: "bge-reranker-base",
                    shadow: "candidate",
                    compared: 1840,
                    failed: { timeout: 2 },
                    dropped: { max_parallel: 12 },
                    overlap: 0.83,
                    kendall_tau: 0.71,
                    latency_ms: { served: 21.4, shadow: 164.8 },
                    cost: { shadow: 3.68 },
                  },
                ],
              },
            },
          },
        },
      },
    },
    ...guardedErrors(),
    "404": {
      description: "Metrics are off.",
      headers: callHeaders,
      content: { "application/json": { schema: reference("Error") } },
    },
  },
};
