import { addressErrorBody } from "../../formats/error-body.ts";
import { partOfPath } from "../../http/address.ts";
import { answerJson } from "../../http/json-response.ts";
import type { RequestContext } from "../../http/request-context.ts";

/** What an address names, where it is there and may be seen. */
export interface Found<Item> {
  /** In words: `file`. */
  readonly what: string;
  readonly param: string;
  readonly item: Item | undefined;
}

/** Answers what was found, or 404: to whom it does not belong, it is not there. */
export function answerFound<Item>(
  context: RequestContext,
  { what, param, item }: Found<Item>,
  show: (item: Item) => object,
): Response {
  if (item !== undefined) return answerJson(context, show(item));
  const body = addressErrorBody("not_found", `${param}: there is no such ${what}`, context.callId);
  return answerJson(context, { ...body, error: { ...body.error, param } }, 404);
}

/** The id in an address, with or without its version: `/v1/files/file-1/content`. */
export function idIn(url: string, collection: "files" | "batches"): string {
  return partOfPath(url, partOfPath(url, 0) === collection ? 1 : 2);
}
