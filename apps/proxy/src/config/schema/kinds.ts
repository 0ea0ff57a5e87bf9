import * as v from "valibot";

/** Any schema whose output is `Value`. */
export type Kind<Value> = v.GenericSchema<unknown, Value>;

/** A text. */
export function text(description: string): Kind<string> {
  return v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"), v.description(description));
}

export interface Range {
  readonly least?: number;
  readonly most?: number;
}

/** A number; texts that are numbers count, because that is what `os.environ/NAME` gives. */
export function number(description: string, { least = 0, most = Number.MAX_SAFE_INTEGER }: Range = {}): Kind<number> {
  return v.pipe(
    v.unknown(),
    v.transform(readNumber),
    v.number("must be a number"),
    v.finite("must be finite"),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
    v.description(description),
  );
}

/** A time that something can be done in: JavaScript's timers know no less than a millisecond. */
export function seconds(description: string): Kind<number> {
  return number(description, { least: 0.001 });
}

/** A URL of Redis, as the client of Redis reads it. */
export function redisUrl(description: string): Kind<string> {
  return v.pipe(
    text(description),
    v.check(
      isRedisUrl,
      "must be a URL such as redis://host:6379/0, or rediss:// for TLS, with special characters of the password percent-encoded",
    ),
    v.description(description),
  );
}

function isRedisUrl(value: string): boolean {
  if (!/^rediss?:\/\//i.test(value) || !URL.canParse(value)) return false;
  const { hostname, pathname, username, password } = new URL(value);
  return hostname !== "" && /^\/?\d*$/.test(pathname) && [username, password].every(isDecodable);
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** A whole number, by default at least 1. */
export function whole(description: string, { least = 1, most }: Range = {}): Kind<number> {
  return v.pipe(
    number(description, { least, ...(most !== undefined && { most }) }),
    v.integer("must be a whole number"),
    v.description(description),
  );
}

/** A whole number from 0, or one word. */
export function wholeOr<const Word extends string>(word: Word, description: string): Kind<number | Word> {
  return v.pipe(
    v.union([whole(description, { least: 0 }), v.literal(word)], `must be a whole number, or ${word}`),
    v.description(description),
  );
}

/** True or false, in any of YAML's spellings. */
export function flag(description: string): Kind<boolean> {
  return v.pipe(v.unknown(), v.transform(readBoolean), v.boolean("must be true or false"), v.description(description));
}

/** One of some words. */
export function choice<const Word extends string>(words: readonly Word[], description: string): Kind<Word> {
  return v.pipe(v.picklist(words, `must be one of: ${words.join(", ")}`), v.description(description));
}

/** The value of an environment variable: a text, which may be empty; numbers and booleans become texts. */
export const variable: Kind<string> = v.pipe(
  v.unknown(),
  v.transform((value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value)),
  v.string("must be a text, a number, true or false"),
  v.description("Its value."),
);

/** A list. */
export function list<Item>(item: Kind<Item>, description: string): Kind<Item[]> {
  return v.pipe(v.array(item, "must be a list"), v.description(description));
}

/** A map from names to values. */
export function named<Value>(value: Kind<Value>, description: string): Kind<Record<string, Value>> {
  return v.pipe(v.record(v.string(), value, "must be a map"), v.description(description));
}

/** Anything; a provider or another program reads it. */
export function anything(description: string): Kind<unknown> {
  return v.pipe(v.unknown(), v.description(description));
}

/**
 * What a key means that a map does not have. `mistake`: it is refused. `shared`: LiteLLM has many more keys under this
 * name, so it is refused only where it is nearly one of ours, and has no effect otherwise. `provider`: the same, but a
 * provider reads it. `free`: anybody may put keys here.
 */
export type OtherKeys = "mistake" | "shared" | "provider" | "free";

/** A map that only this proxy has, with known keys. */
export function section<Entries extends v.ObjectEntries>(
  entries: Entries,
  description: string,
  withoutEffect: readonly string[] = [],
): Kind<v.InferOutput<v.ObjectSchema<Entries, string>>> {
  return v.pipe(
    v.object(entries, "must be a map of settings"),
    v.description(description),
    keys("mistake", withoutEffect),
  );
}

/** A map that LiteLLM has too, with more keys. */
export function sharedSection<Entries extends v.ObjectEntries>(
  entries: Entries,
  description: string,
  withoutEffect: readonly string[] = [],
): Kind<v.InferOutput<v.ObjectSchema<Entries, string>>> {
  return v.pipe(
    v.object(entries, "must be a map of settings"),
    v.description(description),
    keys("shared", withoutEffect),
  );
}

/** A map with known keys and further keys that another program reads. */
export function openSection<Entries extends v.ObjectEntries>(
  entries: Entries,
  description: string,
  otherKeys: "free" | "provider" = "free",
): Kind<v.InferOutput<v.LooseObjectSchema<Entries, string>>> {
  return v.pipe(v.looseObject(entries, "must be a map of settings"), v.description(description), keys(otherKeys));
}

/** What the comparison of keys reads of a schema. */
export function keys<Value>(
  otherKeys: OtherKeys,
  withoutEffect: readonly string[] = [],
  ofOthers: readonly string[] = [],
): v.MetadataAction<Value, KeysMetadata> {
  return v.metadata({ withoutEffect, otherKeys, ofOthers });
}

type KeysMetadata = {
  readonly otherKeys: OtherKeys;
  readonly withoutEffect: readonly string[];
  /** Others read them, so that they are no slip of another. */
  readonly ofOthers: readonly string[];
};

function readNumber(value: unknown): unknown {
  return typeof value === "string" && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
}

const spellings: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

function readBoolean(value: unknown): unknown {
  return typeof value === "string" ? (spellings[value.toLowerCase()] ?? value) : value;
}
