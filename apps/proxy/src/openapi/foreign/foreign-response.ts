import * as v from "valibot";

import type { ForeignMeta } from "../../formats/foreign/usage.ts";
import { type DashscopeErrorBody, dashscopeCodes } from "../../formats/foreign/dashscope.ts";
import { errorBody, rerankMeta, rerankResult } from "../response-schemas.ts";

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Fields of a result that a caller of `/rerank` may ask for, in every format. */
export const askedFields = { relevant_spans: rerankResult.entries.relevant_spans };
export const results = v.array(rerankResult);
export const position = v.pipe(count, v.description("Position of the document in the request, from 0."));
/** A document as it was sent. */
export const sentDocument = v.union([v.string(), v.record(v.string(), v.unknown())]);
/** A document that is an object in any case. */
export const documentRecord = v.record(v.string(), v.unknown());

export const foreignMeta: v.GenericSchema<ForeignMeta> = v.object({
  ...rerankMeta.entries,
  usage_unknown: v.optional(
    v.pipe(
      v.literal(true),
      v.description("The numbers of `usage` stand at 0 because its clients need some, and the upstream named none."),
    ),
  ),
});

export const tokenUsage = v.object({ prompt_tokens: count, completion_tokens: count, total_tokens: count });

export const dashscopeError: v.GenericSchema<DashscopeErrorBody> = v.object({
  ...errorBody.entries,
  code: v.pipe(v.picklist(dashscopeCodes), v.description("In DashScope's words.")),
  request_id: v.pipe(v.string(), v.description("The call id.")),
});
