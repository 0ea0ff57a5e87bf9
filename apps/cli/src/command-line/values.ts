import * as v from "valibot";

// Schemas for the values of options: each reads the text of the command line. Their messages continue `--port …`.

export const text = v.pipe(v.string(), v.nonEmpty("must not be empty"));

export const flag = v.boolean();

/** A comma-separated list. */
export const list = v.pipe(
  text,
  v.transform((given) => given.split(",").map((part) => part.trim())),
  v.array(v.pipe(v.string(), v.nonEmpty("has an empty part"))),
);

export const port = wholeNumber(0, 65_535);

export const seconds = v.pipe(
  v.string(),
  v.transform(toNumber),
  v.number("wants a number of seconds"),
  v.minValue(0, "wants a number of seconds, 0 or more"),
);

export const address = v.pipe(
  text,
  v.regex(/^https?:\/\/\S+$/i, "wants an address that begins with http:// or https://"),
);

export const number = v.pipe(v.string(), v.transform(toNumber), v.number("wants a number"), v.finite("wants a number"));

/** How results are printed where a command can draw them. */
export type Format = "table" | "json";
export const format: v.GenericSchema<unknown, Format> = v.picklist(["table", "json"], "wants table or json");

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): v.GenericSchema<string, number> {
  const message = `wants a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`;
  return v.pipe(
    v.string(),
    v.transform(toNumber),
    v.number(message),
    v.integer(message),
    v.minValue(least, message),
    v.maxValue(most, message),
  );
}

/** Stricter than `Number`, which reads `""` as 0. */
function toNumber(given: string): number {
  return given.trim() === "" ? Number.NaN : Number(given);
}
