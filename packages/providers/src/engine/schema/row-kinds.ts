import * as v from "valibot";

/** Any schema whose output is `Value`. */
export type Kind<Value> = v.GenericSchema<unknown, Value>;

/** A text, which a key of a map can be as well. */
export type TextKind = v.GenericSchema<string, string>;

/** Characters of any text in a row. */
const longest = 500;

/** A text of one line. */
export function line(description: string): TextKind {
  return v.pipe(
    v.string("must be a text"),
    v.nonEmpty("must not be empty"),
    v.maxLength(longest, `must have at most ${longest} characters`),
    v.regex(/^[^\p{Cc}]*$/u, "must be one line without control characters"),
    v.description(description),
  );
}

/** A text of a certain form. */
export function matching(form: RegExp, must: string, description: string): TextKind {
  return v.pipe(v.string("must be a text"), v.regex(form, must), v.description(description));
}

/** A field of JSON, or the way to it: `meta.billed_units.search_units`. */
export function fieldName(description: string): TextKind {
  return v.pipe(
    v.string("must be the name of a field"),
    v.maxLength(longest, `must have at most ${longest} characters`),
    v.regex(/^[\w$@-]+(\.[\w$@-]+)*$/, "must be the name of a field, or names joined by dots"),
    v.check((name) => !name.split(".").some((part) => unsafe.has(part)), "is a name that objects have themselves"),
    v.description(description),
  );
}

/** Writing to them would change what all objects have. */
const unsafe: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** An address without anything that could be a key. */
export function httpUrl(description: string): TextKind {
  return v.pipe(
    v.string("must be a URL"),
    v.check((url) => isHttp(url), "must be a URL that begins with http:// or https://"),
    v.check(
      (url) => !isHttp(url) || isPlain(url),
      "must have neither a user, a password, a ? nor a #; name a key in api_key_env",
    ),
    v.description(description),
  );
}

function isHttp(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function isPlain(text: string): boolean {
  const { username, password } = new URL(text);
  return username === "" && password === "" && !/[?#]/.test(text);
}

/** A host, or all hosts of a domain: keys go there, so that a domain must be named. */
export function hostGlob(description: string): TextKind {
  return v.pipe(
    v.string("must be the name of a host"),
    v.maxLength(253, "must be the name of a host"),
    v.regex(
      /^(\*\.[a-z0-9-]+|[a-z0-9-]+)(\.[a-z0-9-]+)+$|^localhost$/,
      "must be a host in lower case such as api.example.com, or *.example.com for all of its domain",
    ),
    v.description(description),
  );
}

/** A whole number from 1. */
export function whole(description: string): Kind<number> {
  return v.pipe(
    v.number("must be a number"),
    v.safeInteger("must be a whole number"),
    v.minValue(1, "must be at least 1"),
    v.description(description),
  );
}

/** A sum of money. */
export function amount(description: string): Kind<number> {
  return v.pipe(
    v.number("must be a number"),
    v.finite("must be finite"),
    v.minValue(0, "must be at least 0"),
    v.description(description),
  );
}

/** True or false. */
export function flag(description: string): Kind<boolean> {
  return v.pipe(v.boolean("must be true or false"), v.description(description));
}

/** One of some words. */
export function choice<const Word extends string>(words: readonly Word[], description: string): Kind<Word> {
  return v.pipe(v.picklist(words, `must be one of: ${words.join(", ")}`), v.description(description));
}

/** Any JSON. */
export function anything(description: string): Kind<unknown> {
  return v.pipe(v.unknown(), v.description(description));
}

/** A list. */
export function list<Item>(item: Kind<Item>, description: string): Kind<Item[]> {
  return v.pipe(v.array(item, "must be a list"), v.description(description));
}

/** A map with free keys of one kind, to values of another. */
export function each<Value>(key: TextKind, value: Kind<Value>, description: string): Kind<Record<string, Value>> {
  return v.pipe(v.record(key, value, "must be a map"), v.description(description));
}

/** A map with known keys and no others. */
export function section<Entries extends v.ObjectEntries>(
  entries: Entries,
  description: string,
): Kind<v.InferOutput<v.StrictObjectSchema<Entries, undefined>>> {
  return v.pipe(
    v.strictObject(entries, (issue) => (issue.expected === "never" ? "is not known" : "must be a map")),
    v.description(description),
  );
}
