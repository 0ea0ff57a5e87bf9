import * as v from "valibot";

const text = v.optional(v.string());
const flag = v.optional(v.boolean());

const mostOthers = 3;

/** What the form holds, as it is kept, shared and saved; never the key. */
const written = v.object({
  query: v.string(),
  /** As they were typed. */
  documents: v.string(),
  format: v.optional(v.picklist(["auto", "lines", "json"])),
  model: text,
  /** The models beside it. */
  others: v.optional(v.array(v.string())),
  /** The one model beside it, as it was kept before there were more. */
  other: text,
  topN: text,
  instruction: text,
  rawScores: flag,
  noCache: flag,
});

const pageState = v.pipe(
  written,
  v.transform(({ other, others = other === undefined || other === "" ? [] : [other], ...state }) => ({
    ...state,
    ...(others.length > 0 && { others: others.slice(0, mostOthers) }),
  })),
);

export type PageState = v.InferOutput<typeof pageState>;

/** Undefined for what is no state: links and files come from anybody. */
export function readPageState(value: unknown): PageState | undefined {
  const read = v.safeParse(pageState, value);
  return read.success ? read.output : undefined;
}
