import * as v from "valibot";

/** A field that may be null, to clear it, or absent, to leave it as it is. */
export type Clearable<Value> = Value | null | undefined;

/** What a request may hold: its schema, and the names that mean something in it. */
export interface BodyKind<Body> {
  readonly schema: v.GenericSchema<unknown, Body>;
  readonly fields: readonly string[];
}

export function bodyKind<const Entries extends v.ObjectEntries>(
  entries: Entries,
  description: string,
): BodyKind<v.InferOutput<v.ObjectSchema<Entries, string>>> {
  const schema = v.pipe(v.object(entries, "the body must be a JSON object"), v.description(description));
  return { schema, fields: Object.keys(entries) };
}

type Text = v.GenericSchema<string, string>;

/** A text of one line, as databases and terminals take it. */
export function line(description: string, most = 200): Text {
  return v.pipe(
    v.string("must be a text"),
    v.maxLength(most, `must have at most ${most} characters`),
    v.check(isPlain, "must be plain text of one line"),
    v.description(description),
  );
}

/** Neither signs of control, which PostgreSQL and terminals take badly, nor halves of characters. */
function isPlain(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return text.isWellFormed() && !/[\u0000-\u001F\u007F-\u009F\u2028\u2029]/.test(text);
}

/** The id of another object; an empty one is as good as none, because clients send it so. */
export function id(description: string): v.GenericSchema<Clearable<string>, Clearable<string>> {
  return v.pipe(
    v.nullish(line(description)),
    v.transform((text) => (text === "" ? undefined : text)),
    v.description(description),
  );
}

/** The same where it must be there. */
export function neededId(description: string): Text {
  return v.pipe(line(description), v.nonEmpty("must not be empty"), v.description(description));
}

/** A list of texts without repetitions. */
export function lines(description: string, mostItems: number, most = 200): v.GenericSchema<string[], string[]> {
  return v.pipe(
    v.array(v.pipe(line(description, most), v.nonEmpty("must not be empty")), "must be a list of texts"),
    v.maxLength(mostItems, `must hold at most ${mostItems}`),
    v.transform((items) => [...new Set(items)]),
    v.description(description),
  );
}

/** The largest whole number that every column for one takes. */
const mostWhole = 2_147_483_647;

export function whole(description: string, least = 0): v.GenericSchema<number, number> {
  return v.pipe(
    v.number("must be a number"),
    v.integer("must be a whole number"),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(mostWhole, `must be at most ${mostWhole}`),
    v.description(description),
  );
}

/** US dollars up to what amounts are exact for. */
export function dollars(description: string): v.GenericSchema<number, number> {
  return v.pipe(
    v.number("must be a number"),
    v.minValue(0, "must be at least 0"),
    v.maxValue(9_000_000, "must be at most 9000000"),
    v.description(description),
  );
}

export function flag(description: string): v.GenericSchema<boolean, boolean> {
  return v.pipe(v.boolean("must be true or false"), v.description(description));
}

/** Characters of `metadata` as JSON. */
const mostMetadata = 64_000;

export function metadata(description: string): v.GenericSchema<Record<string, unknown>, Record<string, unknown>> {
  return v.pipe(
    v.record(v.string(), v.unknown(), "must be an object"),
    v.check((value) => JSON.stringify(value).length <= mostMetadata, `must have at most ${mostMetadata} characters`),
    v.description(description),
  );
}
