import type { BatchRecord } from "@dheera-ai/batch";

import type { Caller } from "../../access/caller.ts";
import { obey } from "../../access/limits/rate-limits.ts";
import { ownerOf } from "../../access/owner-of-batch.ts";
import { addressErrorBody } from "../../formats/error-body.ts";
import { readFields, refuseList } from "../../formats/read-fields.ts";
import { answerJson } from "../../http/json-response.ts";
import { readJsonBody } from "../../http/read-json-body.ts";
import type { RequestContext } from "../../http/request-context.ts";
import { Query } from "../../management/query.ts";
import { type Found, answerFound, idIn } from "./answer-found.ts";
import { batchObject } from "./batch-object.ts";
import { newBatch } from "./batch-body.ts";
import { batchesOf } from "./batches-of.ts";
import { listPage } from "./list-page.ts";
import { pageOf, seenBy } from "./files.ts";

/** Takes a batch up; whether its lines are right a worker says. */
export async function createBatch(context: RequestContext, caller: Caller): Promise<Response> {
  const { gateway, headers } = context;
  const { batches } = batchesOf(gateway);
  const leave = gateway.parallel.enter(caller);
  try {
    const verdict = gateway.rates.countRequest(caller);
    if (verdict) obey(verdict instanceof Promise ? await verdict : verdict, headers);
    const body = await readBody(context, caller);
    refuseList(body, "metadata");
    const { input_file_id, endpoint, completion_window, metadata, output_expires_after } = readFields(newBatch, body);
    const batch = await batches.batches.create({
      owner: ownerOf(caller),
      inputFileId: input_file_id,
      endpoint,
      completionWindow: completion_window,
      ...(metadata && { metadata }),
      ...(output_expires_after && { outputExpiresAfter: output_expires_after.seconds * 1_000 }),
    });
    return answerJson(context, batchObject(batch));
  } finally {
    leave();
  }
}

async function readBody({ request, env, gateway }: RequestContext, caller: Caller): Promise<unknown> {
  const room = gateway.bodies.room(caller, () => request.signal);
  try {
    return await readJsonBody(request, env, { mostBytes: 100_000, mostValues: 1_000 }, room);
  } finally {
    room.leave();
  }
}

/** Newest first, or oldest. */
export async function listBatches(context: RequestContext, caller: Caller): Promise<Response> {
  noteBackground(context);
  const { batches } = batchesOf(context.gateway);
  const owner = seenBy(caller);
  const query = new Query(context.request.url);
  const order = query.choice("order", ["asc", "desc"]);
  const list = await listPage(
    pageOf(query, { most: 100, otherwise: 20 }),
    (page) => batches.batches.list({ ...page, ...(owner !== undefined && { owner }), ...(order && { order }) }),
    batchObject,
  );
  return answerJson(context, list);
}

export async function showBatch(context: RequestContext, caller: Caller): Promise<Response> {
  noteBackground(context);
  return answerFound(context, await findBatch(context, caller), batchObject);
}

/** What runs is ended within seconds; what has ended already stays in the output. A batch that has ended is a conflict, as OpenAI has it. */
export async function cancelBatch(context: RequestContext, caller: Caller): Promise<Response> {
  const found = await findBatch(context, caller);
  const item = found.item && (await batchesOf(context.gateway).batches.batches.cancel(found.item.id));
  if (!item || !endStates.has(item.status)) return answerFound(context, { ...found, item }, batchObject);
  const message = `Cannot cancel a batch with status '${item.status}'.`;
  return answerJson(context, addressErrorBody("conflict", message, context.callId), 409);
}

const endStates: ReadonlySet<BatchRecord["status"]> = new Set(["failed", "completed", "expired", "cancelled"]);

/** Pages ask every second: the log leaves it out. */
function noteBackground(context: RequestContext): void {
  context.isBackground = context.request.headers.has("x-dheera-background");
}

async function findBatch(context: RequestContext, caller: Caller): Promise<Found<BatchRecord>> {
  const id = idIn(context.request.url, "batches");
  const item = await batchesOf(context.gateway).batches.batches.find(id, seenBy(caller));
  return { what: "batch", param: "batch_id", item };
}
