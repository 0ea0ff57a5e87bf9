import * as v from "valibot";

const text = v.optional(v.string());
const flag = v.optional(v.boolean());

/** What the form holds, as it is kept, shared and saved; never the key. */
const pageState = v.object({
  query: v.string(),
  /** As they were typed. */
  documents: v.string(),
  format: v.optional(v.picklist(["auto", "lines", "json"])),
  model: text,
  /** The model beside it. */
  other: text,
  topN: text,
  instruction: text,
  rawScores: flag,
  noCache: flag,
});

export type PageState = v.InferOutput<typeof pageState>;

/** Undefined for what is no state: links and files come from anybody. */
export function readPageState(value: unknown): PageState | undefined {
  const read = v.safeParse(pageState, value);
  return read.success ? read.output : undefined;
}
