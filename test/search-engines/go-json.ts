import * as v from "valibot";

/**
 * Values as Go's `encoding/json` reads them into typed fields, for engines that are written in Go: what is absent or null leaves the zero
 * value, what is of another type fails, a number for an integer must be whole, and fields that the engine does not have are passed over.
 */
export const goText: v.GenericSchema<unknown, string> = v.nullish(v.string(), "");
export const goFloat: v.GenericSchema<unknown, number> = v.nullish(v.number(), 0);
export const goInteger: v.GenericSchema<unknown, number> = v.nullish(v.pipe(v.number(), v.integer()), 0);

export function goList<Item>(item: v.GenericSchema<unknown, Item>): v.GenericSchema<unknown, readonly Item[]> {
  return v.nullish(v.array(item), () => []);
}
