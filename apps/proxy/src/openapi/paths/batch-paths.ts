import type { JsonSchema } from "@valibot/to-json-schema";

import { batchPrefixes } from "../../routes/batches/batch-routes.ts";
import { type SchemaName, reference } from "../component-schemas.ts";
import { countedErrors, guardedErrors } from "../error-responses.ts";
import type { Operation, Parameter, Paths, Responses } from "../open-api.ts";
import { callHeaders, countedHeaders } from "../response-headers.ts";

export const batchTag = "Batches";

/** Files and batches, each at two addresses. */
export function describeBatchPaths(): Paths {
  return Object.fromEntries(
    batchPrefixes.flatMap((prefix) =>
      Object.entries(operations).map(([path, methods]) => [
        prefix + path,
        Object.fromEntries(
          Object.entries(methods).map(([method, operation]) => [
            method,
            { ...operation, operationId: operation.operationId + (prefix === "/v1" ? "V1" : "") },
          ]),
        ),
      ]),
    ),
  );
}

const fileExample = {
  id: "file-2f6c1f0f4c7f4f0ab3f0a4a1",
  object: "file",
  bytes: 1_204,
  created_at: 1_795_780_800,
  expires_at: 1_798_372_800,
  filename: "lines.jsonl",
  purpose: "batch",
  status: "processed",
  status_details: null,
};
const outputId = "file-9d0c1d6a5b4e4b7a8c2e1f3d";
const batchExample = {
  id: "batch_6a0e4f8d2b914c7d9e3f5a1b",
  object: "batch",
  endpoint: "/v1/rerank",
  errors: null,
  model: "bge-reranker-v2-m3",
  input_file_id: fileExample.id,
  completion_window: "24h",
  status: "completed",
  output_file_id: outputId,
  error_file_id: null,
  created_at: 1_795_780_801,
  in_progress_at: 1_795_780_802,
  expires_at: 1_795_867_201,
  finalizing_at: 1_795_780_810,
  completed_at: 1_795_780_810,
  failed_at: null,
  expired_at: null,
  cancelling_at: null,
  cancelled_at: null,
  request_counts: { total: 3, completed: 3, failed: 0 },
  metadata: null,
  cost: 0.006,
  paused_for: null,
};

/** Of a batch that has not ended. */
const begun = {
  model: null,
  output_file_id: null,
  finalizing_at: null,
  completed_at: null,
  request_counts: { total: 0, completed: 0, failed: 0 },
  cost: null,
};

const cancelling = { ...batchExample, ...begun, status: "cancelling", cancelling_at: 1_795_780_805 };
const created = { ...batchExample, ...begun, status: "validating", in_progress_at: null };

const refusals: Responses = {
  ...guardedErrors("invalid_request", "request_too_large", "rate_limited", "unavailable"),
  ...notThere("What the address names is not there, or belongs to another key."),
};

const fileId = idParameter("file_id", "The file.", fileExample.id);
const batchId = idParameter("batch_id", "The batch.", batchExample.id);
const after: Parameter = inQuery("after", "The last id of the page before.", { type: "string" });

const order: Parameter = inQuery("order", "By when they were made; default `desc`, newest first.", {
  type: "string",
  enum: ["asc", "desc"],
});

const operations: Readonly<Record<string, Readonly<Partial<Record<"get" | "post" | "delete", Operation>>>>> = {
  "/files": {
    post: {
      ...describe("uploadFile", "Upload a file", "File", fileExample),
      description:
        'Each line is a request: `{"custom_id": "1", "method": "POST", "url": "/v1/rerank", "body": {…}}`. The file is stored as it arrives; what is cut off leaves nothing. Its size is limited by `batch_settings`, not by `max_request_size_mb`.',
      requestBody: {
        required: true,
        content: {
          "multipart/form-data": {
            schema: reference("NewFile"),
            examples: { example: { value: { purpose: "batch", file: "@lines.jsonl" } } },
          },
        },
      },
      responses: {
        ...answer("File", fileExample, countedHeaders),
        ...countedErrors("invalid_request", "request_too_large", "cancelled", "timeout", "unavailable"),
      },
    },
    get: {
      ...describe("listFiles", "List files, newest first", "FileList", listExample(fileExample)),
      parameters: [
        after,
        inQuery("limit", "Files of a page; default 10000.", { type: "integer", minimum: 1, maximum: 10_000 }),
        order,
        inQuery("purpose", "Only these: `batch` or `batch_output`; of others there are none.", { type: "string" }),
      ],
    },
  },
  "/files/{file_id}": {
    get: { ...describe("showFile", "Show a file", "File", fileExample), parameters: [fileId] },
    delete: {
      ...describe("deleteFile", "Delete a file", "DeletedFile", { id: fileExample.id, object: "file", deleted: true }),
      description: "Not while a batch reads it.",
      parameters: [fileId],
    },
  },
  "/files/{file_id}/content": {
    get: {
      ...describe("fileContent", "Download a file", "File", fileExample),
      description: "Its lines, unpacked, as they are read from the storage.",
      parameters: [fileId],
      responses: {
        "200": {
          description: "JSON lines.",
          headers: callHeaders,
          content: { "application/jsonl": { schema: { type: "string" } } },
        },
        ...refusals,
      },
    },
  },
  "/files/{file_id}/link": {
    post: {
      ...describe("linkFile", "Make a link to a file", "FileLink", {
        id: outputId,
        object: "file.link",
        url: `/v1/files/${outputId}/download?expires=1795780870&signature=Zt1sV3W2m0Yb`,
        expires_at: 1_795_780_870,
      }),
      description:
        "For a browser or another program that has no key: the link opens this file alone, and its download begins within a minute. OpenAI has no such address.",
      parameters: [fileId],
    },
  },
  "/files/{file_id}/download": {
    get: {
      ...describe("downloadFile", "Download a file by a link", "File", fileExample),
      description: "With a link of `POST /v1/files/{file_id}/link` in place of a key.",
      "x-who-may": "Whoever has the link.",
      security: [{}],
      parameters: [
        fileId,
        { ...inQuery("expires", "Of the link.", { type: "integer" }), required: true },
        { ...inQuery("signature", "Of the link.", { type: "string" }), required: true },
      ],
      responses: {
        "200": {
          description: "JSON lines, under the name of the file.",
          headers: callHeaders,
          content: { "application/jsonl": { schema: { type: "string" } } },
        },
        ...refusals,
      },
    },
  },
  "/batches": {
    post: {
      ...describe("createBatch", "Create a batch", "Batch", created),
      description:
        "Its lines are checked first; then each is ranked as a request of the key that created it: its models, limits and budgets hold. Requests over HTTP go before.",
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: reference("NewBatch"),
            examples: {
              example: {
                value: { input_file_id: fileExample.id, endpoint: "/v1/rerank", completion_window: "24h" },
              },
            },
          },
        },
      },
      responses: {
        ...answer("Batch", created, countedHeaders),
        ...countedErrors("invalid_request", "request_too_large", "unavailable"),
        ...notThere("The file is not there, or belongs to another key.", countedHeaders),
      },
    },
    get: {
      ...describe("listBatches", "List batches, newest first", "BatchList", listExample(batchExample)),
      parameters: [after, inQuery("limit", "Default 20.", { type: "integer", minimum: 1, maximum: 100 }), order],
    },
  },
  "/batches/{batch_id}": {
    get: { ...describe("showBatch", "Show a batch", "Batch", batchExample), parameters: [batchId] },
  },
  "/batches/{batch_id}/cancel": {
    post: {
      ...describe("cancelBatch", "Cancel a batch", "Batch", cancelling),
      description: "What has ended until then stays in the output; the rest goes into the error file.",
      parameters: [batchId],
      responses: {
        ...answer("Batch", cancelling),
        ...refusals,
        ...refused("409", "The batch has ended."),
      },
    },
  },
};

function describe(operationId: string, summary: string, schema: SchemaName, value: object): Operation {
  return {
    operationId,
    tags: [batchTag],
    summary,
    responses: { ...answer(schema, value), ...refusals },
  };
}

function answer(schema: SchemaName, value: object, headers = callHeaders): Responses {
  return {
    "200": {
      description: "Done.",
      headers,
      content: { "application/json": { schema: reference(schema), examples: { example: { value } } } },
    },
  };
}

function notThere(description: string, headers = callHeaders): Responses {
  return refused("404", description, headers);
}

function refused(status: "404" | "409", description: string, headers = callHeaders): Responses {
  return {
    [status]: { description, headers, content: { "application/json": { schema: reference("Error") } } },
  };
}

function listExample(item: { readonly id: string }): object {
  return { object: "list", data: [item], first_id: item.id, last_id: item.id, has_more: false };
}

function idParameter(name: string, description: string, example: string): Parameter {
  return { name, in: "path", required: true, description, example, schema: { type: "string" } };
}

function inQuery(name: string, description: string, schema: JsonSchema): Parameter {
  return { name, in: "query", description, schema };
}
