import type { FileRecord } from "@dheera-ai/batch";
import { DheeraError } from "@dheera-ai/core";

import type { Caller } from "../../access/caller.ts";
import { ownerOf, ownerOfAll } from "../../access/owner-of-batch.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { RequestContext } from "../../http/request-context.ts";
import { Query } from "../../management/query.ts";
import { answerFound, idIn } from "./answer-found.ts";
import { batchesOf } from "./batches-of.ts";
import { fileObject, seconds } from "./file-object.ts";
import { contentResponse, findFile } from "./files.ts";

/** Within which a download must begin; it may take as long as it takes. */
const secondsOfLink = 60;

/** A link that a browser can save a file by: it sends no key then, and holds nothing of the file in memory. */
export async function createFileLink(context: RequestContext, caller: Caller): Promise<Response> {
  const found = await findFile(context, caller);
  const expiresAt = seconds(Date.now()) + secondsOfLink;
  return answerFound(context, found, ({ id }) => {
    const signature = context.gateway.links.sign(signed(id, ownerOf(caller), expiresAt));
    return {
      id,
      object: "file.link",
      url: `/v1/files/${id}/download?${new URLSearchParams({ expires: String(expiresAt), signature })}`,
      expires_at: expiresAt,
    };
  });
}

/**
 * Who made the link, as they are now: a key that was blocked meanwhile opens nothing.
 * @throws DheeraError `forbidden`
 */
export async function callerOfLink({ request, gateway }: RequestContext): Promise<Caller> {
  const query = new Query(request.url);
  const expiresAt = query.whole("expires", { least: 0, most: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const signature = query.text("signature", 100) ?? "";
  if (expiresAt <= seconds(Date.now())) throw refused();
  const file = await batchesOf(gateway).batches.files.find(idIn(request.url, "files"));
  const owner = file && ownerWho(gateway, file, expiresAt, signature);
  if (owner === undefined) throw refused();
  return await gateway.access.callerOf(owner);
}

/** Whoever may see a file is its owner or may see all; the link does not say which, because its hash is nobody's business. */
function ownerWho(
  { links }: Gateway,
  { id, owner }: FileRecord,
  expiresAt: number,
  signature: string,
): string | undefined {
  return [owner, ownerOfAll].find((one) => links.isRight(signed(id, one, expiresAt), signature));
}

function signed(fileId: string, owner: string, expiresAt: number): string {
  return JSON.stringify(["download", fileId, owner, expiresAt]);
}

function refused(): DheeraError {
  return new DheeraError(
    "forbidden",
    "this link has expired, or is not whole: ask for another one with POST /v1/files/{file_id}/link",
  );
}

/** As `fileContent`, under the name of the file. */
export async function downloadFile(context: RequestContext, caller: Caller): Promise<Response> {
  const found = await findFile(context, caller);
  const { item: file } = found;
  if (!file) return answerFound(context, found, fileObject);
  // Nothing between keeps what a link of a minute has opened.
  context.headers["cache-control"] = "private, no-store";
  return contentResponse(context, file, `filename*=UTF-8''${encodeName(file.filename)}`);
}

/** As RFC 8187 has it: `encodeURIComponent` leaves some characters that it does not allow. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
