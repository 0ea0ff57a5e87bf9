import { DheeraError, type Score } from "@dheera-ai/core";
import * as v from "valibot";

/**
 * The scores of an answer: the id of a record is the position that it was sent with. A record without a score is an
 * error, because any number in its place would be invented.
 * @throws DheeraError `provider_bad_response`
 */
export function readRecords(answer: unknown): readonly Score[] {
  const parsed = v.safeParse(schema, answer);
  if (!parsed.success) throw unreadable("it holds no list of records with the ids that were sent");
  return parsed.output.records.map(({ id, score }) => {
    if (typeof score !== "number") throw unreadable(`the record of document ${id} has no score`);
    return { index: Number(id), score };
  });
}

const schema = v.object({
  records: v.array(v.object({ id: v.pipe(v.string(), v.regex(/^\d{1,9}$/)), score: v.optional(v.unknown()) })),
});

function unreadable(what: string): DheeraError {
  return new DheeraError("provider_bad_response", `Vertex AI's answer cannot be read: ${what}`, {
    provider: "vertex_ai",
  });
}
