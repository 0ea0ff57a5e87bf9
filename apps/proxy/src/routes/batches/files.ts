import type { FileRecord } from "@dheera-ai/batch";
import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

import type { Caller } from "../../access/caller.ts";
import { obey } from "../../access/limits/rate-limits.ts";
import { ownerOf, ownerOfAll } from "../../access/owner-of-batch.ts";
import type { GatewayBatches } from "../../batches/gateway-batches.ts";
import { readFields } from "../../formats/read-fields.ts";
import { answerJson } from "../../http/json-response.ts";
import { type Upload, openUpload } from "../../http/open-upload.ts";
import type { RequestContext } from "../../http/request-context.ts";
import { streamOf } from "../../http/stream-of.ts";
import { Query } from "../../management/query.ts";
import { type Found, answerFound, idIn } from "./answer-found.ts";
import { batchesOf } from "./batches-of.ts";
import { fileObject } from "./file-object.ts";
import { listPage } from "./list-page.ts";

/** Stores a file as it arrives: however large it is, little of it is in memory. */
export async function uploadFile(context: RequestContext, caller: Caller): Promise<Response> {
  const { gateway, request, env, headers } = context;
  const { batches, figures } = batchesOf(gateway);
  const leave = gateway.parallel.enter(caller);
  try {
    const verdict = gateway.rates.countRequest(caller);
    if (verdict) obey(verdict instanceof Promise ? await verdict : verdict, headers);
    const { max_file_bytes: mostBytes, upload_stall_timeout: stallSeconds } = gateway.config.batch_settings;
    refuseLargeBody(request, mostBytes);
    const over = new AbortController();
    const opening = openUpload(request, env, { stallMs: stallSeconds * 1_000, signal: over.signal });
    opening.catch(() => undefined);
    let upload: Upload | undefined;
    const form = (): Form => readForm(upload?.fields ?? new Map(), "whole");
    // The upload takes its place among all others before the form has come to its file: one that never does so has a place too.
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      upload = await opening;
      // What is wrong already is refused before a byte is stored; what stands behind the file is seen at its end.
      readForm(upload.fields, "begun");
      yield* checkedAtEnd(upload.bytes, form, figures);
    };
    try {
      const file = await batches.files.create({
        owner: ownerOf(caller),
        purpose: "batch",
        bytes: bytes(),
        // Both are asked for when the bytes have ended: the form names them later than the upload begins.
        get filename() {
          return upload?.filename ?? "file";
        },
        get expiresAfter() {
          return form().expires_after?.seconds;
        },
        signal: request.signal,
      });
      return answerJson(context, fileObject(file));
    } finally {
      over.abort();
    }
  } finally {
    leave();
  }
}

/** @throws DheeraError `request_too_large` for what says itself that it is, before it is read */
function refuseLargeBody({ headers }: Request, mostBytes: number): void {
  if (Number(headers.get("content-length") ?? 0) <= mostBytes + mostBytesOfForm) return;
  throw new DheeraError(
    "request_too_large",
    `file: it has more than ${mostBytes} bytes; divide it into several files, or pack it with gzip`,
    { param: "file" },
  );
}

/** Around the file: fields, and headers of parts. */
const mostBytesOfForm = 400_000;

/** A form that is wrong keeps no file. */
async function* checkedAtEnd(
  bytes: AsyncIterable<Uint8Array>,
  check: () => unknown,
  figures: GatewayBatches["figures"],
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    figures.uploadedBytes += piece.byteLength;
    yield piece;
  }
  check();
}

const form = v.object({
  purpose: v.literal("batch", 'must be "batch"'),
  expires_after: v.optional(
    v.object({
      anchor: v.literal("created_at", 'must be "created_at"'),
      seconds: v.pipe(
        v.string(),
        v.regex(/^\d{1,9}$/, "must be a whole number of seconds"),
        v.transform((seconds) => Number(seconds) * 1_000),
        v.minValue(3_600_000, "must be at least 3600"),
        v.maxValue(2_592_000_000, "must be at most 2592000, 30 days"),
      ),
    }),
  ),
});

type Form = v.InferOutput<typeof form>;

/**
 * @param stage of a form that has begun, fields that are not there yet may still come
 * @throws DheeraError `invalid_request` naming the field
 */
function readForm(fields: ReadonlyMap<string, string>, stage: "begun" | "whole"): Form {
  const fallback = stage === "begun" ? { purpose: "batch", anchor: "created_at", seconds: "3600" } : undefined;
  const anchor = fields.get("expires_after[anchor]");
  const seconds = fields.get("expires_after[seconds]");
  return readFields(form, {
    purpose: fields.get("purpose") ?? fallback?.purpose,
    ...((anchor !== undefined || seconds !== undefined) && {
      expires_after: { anchor: anchor ?? fallback?.anchor, seconds: seconds ?? fallback?.seconds },
    }),
  });
}

/** Newest first, or oldest. A purpose that no file has here is none that is wrong: there are none of it. */
export async function listFiles(context: RequestContext, caller: Caller): Promise<Response> {
  const { batches } = batchesOf(context.gateway);
  const query = new Query(context.request.url);
  const owner = seenBy(caller);
  const asked = query.text("purpose", 100);
  const purpose = purposes.find((one) => one === asked);
  const order = query.choice("order", ["asc", "desc"]);
  const list = await listPage(
    pageOf(query, { most: 10_000, otherwise: 10_000 }),
    async (page) =>
      asked !== undefined && !purpose
        ? []
        : batches.files.list({
            ...page,
            ...(owner !== undefined && { owner }),
            ...(purpose && { purpose }),
            ...(order && { order }),
          }),
    fileObject,
  );
  return answerJson(context, list);
}

const purposes = ["batch", "batch_output"] as const;

export async function showFile(context: RequestContext, caller: Caller): Promise<Response> {
  return answerFound(context, await findFile(context, caller), fileObject);
}

export async function deleteFile(context: RequestContext, caller: Caller): Promise<Response> {
  const found = await findFile(context, caller);
  if (found.item) await batchesOf(context.gateway).batches.files.remove(found.item);
  return answerFound(context, found, ({ id }) => ({ id, object: "file", deleted: true }));
}

/** The lines of a file, part after part, no faster than the client takes them. */
export async function fileContent(context: RequestContext, caller: Caller): Promise<Response> {
  const found = await findFile(context, caller);
  const { item: file } = found;
  if (!file) return answerFound(context, found, fileObject);
  return contentResponse(context, file, `filename="${file.id}.jsonl"`);
}

/** @param name as a content-disposition has it */
export function contentResponse(context: RequestContext, file: FileRecord, name: string): Response {
  const { batches, figures } = batchesOf(context.gateway);
  const { headers } = context;
  headers["content-type"] = "application/jsonl";
  headers["content-length"] = String(file.bytes);
  headers["content-disposition"] = `attachment; ${name}`;
  headers["x-content-type-options"] = "nosniff";
  return new Response(streamOf(counted(batches.files.content(file), figures)), { headers });
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  figures: GatewayBatches["figures"],
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    figures.downloadedBytes += piece.byteLength;
    yield piece;
  }
}

export async function findFile(context: RequestContext, caller: Caller): Promise<Found<FileRecord>> {
  const id = idIn(context.request.url, "files");
  const item = await batchesOf(context.gateway).batches.files.find(id, seenBy(caller));
  return { what: "file", param: "file_id", item };
}

/** Whose files and batches somebody sees; undefined: everybody's. */
export function seenBy(caller: Caller): string | undefined {
  const owner = ownerOf(caller);
  return owner === ownerOfAll ? undefined : owner;
}

export function pageOf(
  query: Query,
  { most, otherwise }: { readonly most: number; readonly otherwise: number },
): { readonly after?: string; readonly limit: number } {
  const after = query.text("after", 100);
  return { limit: query.whole("limit", { least: 1, most, otherwise }), ...(after !== undefined && { after }) };
}
