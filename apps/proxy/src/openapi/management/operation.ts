import type { JsonSchema } from "@valibot/to-json-schema";

import { reference } from "../component-schemas.ts";
import { guardedErrors } from "../error-responses.ts";
import type { Operation, Parameter, Paths } from "../open-api.ts";
import { callHeaders, managedHeaders } from "../response-headers.ts";
import type { AnswerName } from "./answer-schemas.ts";
import { type OperationId, managers } from "./managers.ts";
import type { RequestName } from "./request-schemas.ts";

/** One address of the management API. */
export interface Managed {
  readonly id: OperationId;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  /** The schema of the body, and what is sent as an example. */
  readonly body?: readonly [RequestName, example: object];
  readonly answers: AnswerName;
  readonly example: object;
  /** Whether the answer may be a table: `format=csv`. */
  readonly isTable?: boolean;
}

export const managementTag = "Management";

type Methods = Readonly<Partial<Record<"get" | "post" | "patch" | "delete", Managed>>>;

export function describeManaged(addresses: Readonly<Record<string, Methods>>): Paths {
  return Object.fromEntries(
    Object.entries(addresses).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, managed]) => [method, operation(managed)])),
    ]),
  );
}

function operation({ id, summary, description, parameters, body, answers, example, isTable }: Managed): Operation {
  return {
    operationId: id,
    tags: [managementTag],
    summary,
    ...(description !== undefined && { description }),
    "x-who-may": managers[id],
    ...(parameters && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: reference(body[0]), examples: { example: { value: body[1] } } } },
      },
    }),
    responses: {
      "200": {
        description: "Done.",
        headers: managedHeaders,
        content: {
          "application/json": { schema: reference(answers), examples: { example: { value: example } } },
          ...(isTable && { "text/csv": { schema: { type: "string" } } }),
        },
      },
      ...guardedErrors("invalid_request", "request_too_large", "rate_limited", "unavailable"),
      "404": {
        description: "What the request names is not there.",
        headers: callHeaders,
        content: { "application/json": { schema: reference("Error") } },
      },
    },
  };
}

export function queryText(name: string, description: string): Parameter {
  return inQuery(name, description, { type: "string" });
}

export function queryChoice(name: string, description: string, words: readonly string[]): Parameter {
  return inQuery(name, description, { type: "string", enum: [...words] });
}

export function queryWhole(name: string, description: string, maximum: number): Parameter {
  return inQuery(name, description, { type: "integer", minimum: 1, maximum });
}

export function queryFlag(name: string, description: string): Parameter {
  return inQuery(name, description, { type: "boolean" });
}

export function queryDay(name: string, description: string): Parameter {
  return inQuery(name, `${description} A day of UTC: \`2026-11-27\`.`, { type: "string", format: "date" });
}

function inQuery(name: string, description: string, schema: JsonSchema): Parameter {
  return { name, in: "query", description, schema };
}

/** Parameters of lists with pages. */
export function pageParameters(sizeName: string): readonly Parameter[] {
  return [queryWhole("page", "Which page, from 1.", 1_000_000), queryWhole(sizeName, "Rows of a page.", 500)];
}
