import * as v from "valibot";

import type { Asked } from "./stand-in.ts";

const texts = v.pipe(v.array(v.string()), v.minLength(1));
const records = v.pipe(v.array(v.strictObject({ text: v.string() })), v.minLength(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The fields that a request may have beside those for query, documents and number of results. */
export type Fields = v.ObjectEntries;

export interface BodyOptions {
  readonly model: string | undefined;
  readonly documents?: string;
  readonly areRecords?: boolean;
  /** The field that cuts; `required` where a request without it is refused. */
  readonly topN?: string;
  readonly topNRequired?: boolean;
  readonly more?: Fields;
}

/** A flat body: model, query, a list of documents and what else a provider has. Anything more is refused. */
export function flatBody({
  model,
  documents = "documents",
  areRecords = false,
  topN = "top_n",
  topNRequired = false,
  more = {},
}: BodyOptions): v.GenericSchema<unknown, Asked> {
  const entries: v.ObjectEntries = {
    ...(model !== undefined && { model: v.literal(model) }),
    query: v.pipe(v.string(), v.minLength(1)),
    [documents]: areRecords ? records : texts,
    [topN]: topNRequired ? count : v.optional(count),
    ...more,
  };
  return v.pipe(
    v.strictObject(entries),
    v.transform((body: Readonly<Record<string, unknown>>) => ({
      query: String(body["query"]),
      documents: textsOf(body[documents]),
      most: typeof body[topN] === "number" ? body[topN] : undefined,
    })),
  );
}

/** Texts, as they are or as `{ text }`. */
export function textsOf(list: unknown): readonly string[] {
  return v.parse(
    v.array(
      v.union([
        v.string(),
        v.pipe(
          v.object({ text: v.string() }),
          v.transform(({ text }) => text),
        ),
      ]),
    ),
    list,
  );
}

export const never = v.optional(v.literal(false));
