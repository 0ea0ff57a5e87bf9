import { serviceNames } from "../../gateway/health/services.ts";
import { livenessPaths } from "../../routes/health.ts";
import { type SchemaName, reference } from "../component-schemas.ts";
import { countedErrors, guardedErrors } from "../error-responses.ts";
import type { Operation, Paths, ResponseDescription } from "../open-api.ts";
import { callHeaders, countedHeaders } from "../response-headers.ts";

/** Probes without a key, checks for callers with a key; the answers have LiteLLM's format. */
export function describeHealthPaths(): Paths {
  return {
    ...Object.fromEntries(livenessPaths.map((path) => [path, { get: liveness(path) }])),
    "/health/readiness": { get: readiness },
    "/health": { get: health },
    "/health/services": { get: services },
  };
}

function liveness(path: string): Operation {
  return {
    operationId: path.slice("/health/".length),
    tags: ["Health"],
    summary: "Is the process alive?",
    security: [{}],
    responses: {
      "200": answer("It is.", "Liveness", "I'm alive!"),
      "503": answer("It is stopping.", "ShuttingDown", { status: "shutting_down" }),
    },
  };
}

const readiness: Operation = {
  operationId: "readiness",
  tags: ["Health"],
  summary: "Should it be sent requests?",
  security: [{}],
  responses: {
    "200": answer("It should.", "Readiness", { status: "healthy", cache: "local", dheera_ai_version: "1.0.0" }),
    "503": answer("Not yet, not any more, or not now.", "ShuttingDown", { status: "starting" }),
  },
};

const health: Operation = {
  operationId: "health",
  tags: ["Health"],
  summary: "Call each deployment and say which answer",
  description:
    "Scores one tiny pair at each deployment, unless that was done within the last five seconds. It counts as a request of the key. With `background_health_checks` it answers at once with what was found last.",
  parameters: [
    {
      name: "model",
      in: "query",
      description: "Call the deployments of this model name alone.",
      schema: { type: "string" },
    },
  ],
  responses: {
    "200": counted("Which answer and which do not.", "HealthReport", {
      healthy_endpoints: [
        { model_id: "bm25-87ccb660", model_name: "bm25", model: "bm25/default", response_time_ms: 2 },
      ],
      unhealthy_endpoints: [],
      healthy_count: 1,
      unhealthy_count: 0,
    }),
    ...countedErrors(),
  },
};

const services: Operation = {
  operationId: "services",
  tags: ["Health"],
  summary: "Say whether cache, rate limits and database work",
  "x-who-may": "The master key.",
  parameters: [
    {
      name: "service",
      in: "query",
      description: "Check this one alone.",
      schema: { type: "string", enum: [...serviceNames] },
    },
  ],
  responses: {
    "200": answer("All do.", "ServicesReport", {
      status: "healthy",
      services: [
        { name: "cache", type: "none", status: "off" },
        { name: "rate_limits", type: "local", status: "healthy" },
        { name: "database", type: "postgresql", status: "healthy" },
      ],
    }),
    "503": answer("One does not.", "ServicesReport", {
      status: "unhealthy",
      services: [{ name: "cache", type: "redis", status: "unhealthy" }],
    }),
    ...guardedErrors("invalid_request"),
  },
};

function answer(description: string, schema: SchemaName, value: unknown): ResponseDescription {
  return {
    description,
    headers: callHeaders,
    content: { "application/json": { schema: reference(schema), examples: { example: { value } } } },
  };
}

function counted(description: string, schema: SchemaName, value: unknown): ResponseDescription {
  return { ...answer(description, schema, value), headers: countedHeaders };
}
