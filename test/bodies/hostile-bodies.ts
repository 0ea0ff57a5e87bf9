import * as fc from "fast-check";

/** How one hostile body is made: small to print, whatever the size of what it makes. */
export interface BodySpec {
  /** Where it goes: a field of the request, `document` for one inside of a document, or `body` for all there is. */
  readonly place: string;
  readonly shape: Shape;
  /** What is repeated: JSON, in which `#` stands for a number of its own. */
  readonly unit: string;
  readonly bytes: number;
  /** What `rank_fields` names, and how often. */
  readonly fields: RepeatedField | undefined;
  /** Cut off at this share of its length; 1 leaves it whole. */
  readonly kept: number;
}

interface RepeatedField {
  readonly name: string;
  readonly count: number;
}

type Shape = (typeof shapes)[number];

const shapes = ["list", "texts", "object", "same names", "deep", "deep objects", "one text", "raw", "number"] as const;

const units = [
  "{}",
  "[]",
  "1",
  '""',
  '"#"',
  '"a"',
  "null",
  "[{}]",
  '{"a":0}',
  '{"a#":0}',
  '{"#":0}',
  '{"text":"a"}',
  '{"a#":0,"b#":{"c#":[]}}',
  "1e999",
  "-0.00000000001e-7",
  '"\\u0000"',
  '"\\ud800"',
  '"\\\\\\""',
  '"…"',
  `"${"x".repeat(1_000)}"`,
  `{"${"x".repeat(16_384)}#":0}`,
  " ",
] as const;

const places = [
  "body",
  "x",
  // Twice as often, because most of what a request costs is done for documents.
  "document",
  "document",
  "documents",
  "texts",
  "query",
  "model",
  "rank_fields",
  "provider_options",
  "cache",
  "instruction",
  "top_n",
  "__proto__",
] as const;

/** Specifications of bodies of so many bytes, small ones as likely as ten times larger ones. */
export function hostileBodies(leastBytes: number, mostBytes: number): fc.Arbitrary<BodySpec> {
  return fc
    .record({
      place: fc.constantFrom(...places),
      shape: fc.constantFrom(...shapes),
      unit: fc.constantFrom(...units),
      bytes: anySize(leastBytes, mostBytes),
      fields: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: repeatedField() }),
      kept: fc.oneof(
        { weight: 9, arbitrary: fc.constant(1) },
        fc.nat({ max: 999 }).map((thousandths) => thousandths / 1_000),
      ),
    })
    .map(({ place, shape, unit, bytes, fields, kept }) => {
      return { place, shape, unit, bytes, fields: fields && boundedField(fields, bytes), kept };
    });
}

/** Not by `fc.double`, most of whose numbers are close to 0. */
function anySize(least: number, most: number): fc.Arbitrary<number> {
  const hundredths = (size: number): number => Math.round(100 * Math.log2(size));
  return fc.integer({ min: hundredths(least), max: hundredths(most) }).map((power) => Math.floor(2 ** (power / 100)));
}

/** What a document has more often than what it lacks. */
function repeatedField(): fc.Arbitrary<RepeatedField> {
  return fc.record({
    name: fc.constantFrom("a", "a", "text", "a1"),
    count: anySize(1, 8_192),
  });
}

/**
 * Bytes that a field would make where it is rendered as often as it is named: enough to be seen, and not to end the
 * process.
 */
const mostRendered = 60_000_000;

function boundedField({ name, count }: RepeatedField, bytes: number): RepeatedField {
  return { name, count: Math.min(count, Math.ceil(mostRendered / bytes)) };
}

export function makeBody(spec: BodySpec): Buffer {
  const whole = Buffer.from(request(spec, value(spec)));
  return whole.subarray(0, Math.floor(whole.length * spec.kept));
}

function request({ place, fields }: BodySpec, json: string): string {
  if (place === "body") return json;
  const rankFields = fields ? `,"rank_fields":[${repeat(fields.count, JSON.stringify(fields.name))}]` : "";
  const document = place === "document" ? `{"text":"a","a":${json}}` : '"a"';
  const isTei = place === "texts";
  const rest = isTei ? "" : `,"documents":[${document}]${rankFields}`;
  // Of two fields of one name the last one counts.
  const last = place === "document" ? "" : `,${JSON.stringify(place)}:${json}`;
  return `{"model":"instant","query":"q"${rest}${last}}`;
}

function value({ shape, unit, bytes }: BodySpec): string {
  const count = Math.max(1, Math.floor(bytes / (unit.length + 1)));
  switch (shape) {
    case "list":
      return `[${repeat(count, unit)}]`;
    case "texts":
      return `[${repeat(count, JSON.stringify(unit))}]`;
    case "object":
      return `{${repeat(Math.ceil(bytes / (unit.length + 6)), `"a#":${unit}`)}}`;
    case "same names":
      return `{${repeat(Math.ceil(bytes / (unit.length + 5)), `"a":${unit}`)}}`;
    case "deep":
      return `${"[".repeat(bytes / 2)}${unit}${"]".repeat(bytes / 2)}`;
    case "deep objects":
      return `${'{"a":'.repeat(bytes / 6)}${unit}${"}".repeat(bytes / 6)}`;
    case "one text":
      return `"${unit.replaceAll('"', "").repeat(count).replace(/\\$/, "")}"`;
    case "raw":
      return unit.repeat(count);
    case "number":
      return `1${"0".repeat(bytes)}`;
  }
}

function repeat(count: number, unit: string): string {
  if (!unit.includes("#")) return `${unit},`.repeat(count).slice(0, -1);
  return Array.from({ length: count }, (_, number) => unit.replaceAll("#", number.toString(36))).join(",");
}
