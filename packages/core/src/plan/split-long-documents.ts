import type { CheckedRequest } from "../request/parse-request.ts";
import { type Chunks, splitIntoChunks } from "./chunks.ts";
import { type CountTokens, splitByCount } from "./counted-chunks.ts";

/** Chunks by the server's own count of tokens, or by an estimate where it does not count. */
export async function splitLongDocuments(
  request: CheckedRequest,
  modelTokens: number,
  count: CountTokens | undefined,
): Promise<Chunks> {
  const counted = count && (await splitByCount(request, modelTokens, count));
  if (counted) return counted;
  const estimated = splitIntoChunks(request, modelTokens);
  return count ? { ...estimated, warnings: [...estimated.warnings, notCounted] } : estimated;
}

const notCounted =
  "long documents were split by an estimate of their tokens, because the server did not count them; a part of a chunk may have been cut";
