import * as v from "valibot";

/** A text, number or list that the proxy may leave out or give as null: undefined then. */
export const text: v.GenericSchema<unknown, string | undefined> = v.pipe(
  v.nullish(v.string()),
  v.transform(orUndefined),
);
export const amount: v.GenericSchema<unknown, number | undefined> = v.pipe(
  v.nullish(v.number()),
  v.transform(orUndefined),
);
// With a default, because a pipe is not run for what is left out.
export const sum: v.GenericSchema<unknown, number> = v.nullish(v.number(), 0);
export const truth: v.GenericSchema<unknown, boolean> = v.nullish(v.boolean(), false);
export const texts: v.GenericSchema<unknown, readonly string[]> = v.nullish(v.array(v.string()), []);

function orUndefined<Value>(value: Value | null | undefined): Value | undefined {
  return value ?? undefined;
}
