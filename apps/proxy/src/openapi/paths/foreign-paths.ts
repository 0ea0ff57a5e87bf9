import type { JsonSchema } from "@valibot/to-json-schema";

import { reference } from "../component-schemas.ts";
import { rerankErrors } from "../error-responses.ts";
import { type ForeignName, foreignDescriptions, foreignNames } from "../foreign/all-descriptions.ts";
import type { ForeignDescription } from "../foreign/foreign-description.ts";
import type { Operation, Paths } from "../open-api.ts";
import { rerankHeaders } from "../response-headers.ts";
import { callIdParameter, sessionParameter } from "./rerank-paths.ts";

export const foreignTag = "Clients of other APIs";

/** Each foreign format at its first path, with schemas of its own. */
export function describeForeignPaths(): Paths {
  return Object.fromEntries(
    foreignNames.map((name) => [foreignDescriptions[name].format.path, { post: operation(name) }]),
  );
}

function operation(name: ForeignName): Operation {
  const described: ForeignDescription = foreignDescriptions[name];
  const { format, label, description, error, exampleRequest, exampleResponse } = described;
  const { aliases } = format;
  return {
    operationId: `rank${name}`,
    tags: [foreignTag],
    summary: `Rank as ${label} does`,
    description: [
      description,
      ...(aliases.length > 0 ? [`The same at ${aliases.map((path) => `\`${path}\``).join(", ")}.`] : []),
      "Fields of `POST /rerank` that are not described here mean what they mean there; limits and permissions are the same.",
    ].join("\n\n"),
    parameters: [callIdParameter, sessionParameter],
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: reference(`${name}Request`),
          examples: { texts: { summary: "Texts", value: exampleRequest } },
        },
      },
    },
    responses: {
      "200": {
        description: "The ranking.",
        headers: rerankHeaders,
        content: {
          "application/json": {
            schema: reference(`${name}Response`),
            examples: { texts: { summary: "The ranking", value: exampleResponse } },
          },
        },
      },
      ...rerankErrors(errorSchema(name, error !== undefined), format.error),
    },
  };
}

function errorSchema(name: ForeignName, hasOwn: boolean): JsonSchema {
  return reference(hasOwn ? `${name}Error` : "Error");
}
