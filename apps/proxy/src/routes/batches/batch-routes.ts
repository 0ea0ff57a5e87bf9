import type { Hono } from "hono";

import type { Caller } from "../../access/caller.ts";
import type { Handle } from "../../http/handle.ts";
import type { RequestContext } from "../../http/request-context.ts";

/** Before which OpenAI's addresses stand, with and without its version. */
export const batchPrefixes = ["/v1", ""] as const;

type Run = (context: RequestContext, caller: Caller) => Promise<Response>;

/** Files and batches, at OpenAI's addresses. The code behind is loaded when the first is asked for. */
export function batchRoutes(app: Hono, handle: Handle): void {
  const add = (method: "get" | "post" | "delete", path: string, run: Run): void => {
    // One name in logs and metrics for both addresses.
    const handler = handle.guarded(`/v1${path.replaceAll(/:(\w+)/g, "{$1}")}`, run);
    for (const prefix of batchPrefixes) app[method](prefix + path, handler);
  };
  add("post", "/files", async (...call) => (await files()).uploadFile(...call));
  add("get", "/files", async (...call) => (await files()).listFiles(...call));
  add("get", "/files/:file_id", async (...call) => (await files()).showFile(...call));
  add("delete", "/files/:file_id", async (...call) => (await files()).deleteFile(...call));
  add("get", "/files/:file_id/content", async (...call) => (await files()).fileContent(...call));
  add("post", "/files/:file_id/link", async (...call) => (await links()).createFileLink(...call));
  for (const prefix of batchPrefixes)
    app.get(
      `${prefix}/files/:file_id/download`,
      handle.linked(
        "/v1/files/{file_id}/download",
        async (context) => (await links()).callerOfLink(context),
        async (...call) => (await links()).downloadFile(...call),
      ),
    );
  add("post", "/batches", async (...call) => (await batches()).createBatch(...call));
  add("get", "/batches", async (...call) => (await batches()).listBatches(...call));
  add("get", "/batches/:batch_id", async (...call) => (await batches()).showBatch(...call));
  add("post", "/batches/:batch_id/cancel", async (...call) => (await batches()).cancelBatch(...call));
}

const files = (): Promise<typeof import("./files.ts")> => import("./files.ts");
const links = (): Promise<typeof import("./file-links.ts")> => import("./file-links.ts");
const batches = (): Promise<typeof import("./batches.ts")> => import("./batches.ts");
