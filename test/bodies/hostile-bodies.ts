import * as fc from "fast-check";

/** How one hostile body is made: small to print, whatever the size of what it makes. */
export interface BodySpec {
  /** Where it goes: a field of the request, `document` for one inside of a document, or `body` for all there is. */
  readonly place: string;
  readonly shape: Shape;
  /** What is repeated: JSON, in which `#` stands for a number of its own. */
  readonly unit: string;
  readonly bytes: number;
  /** Names in `rank_fields`. */
  readonly fields: readonly string[];
  /** Cut off at this share of its length; 1 leaves it whole. */
  readonly kept: number;
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
  return fc.record({
    place: fc.constantFrom(...places),
    shape: fc.constantFrom(...shapes),
    unit: fc.constantFrom(...units),
    bytes: fc
      .double({ min: Math.log2(leastBytes), max: Math.log2(mostBytes), noNaN: true })
      .map((power) => Math.floor(2 ** power)),
    fields: fc.oneof(
      { weight: 2, arbitrary: fc.constant<readonly string[]>([]) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom("a", "text", "a1"), fc.double({ min: 0, max: 13, noNaN: true }))
          .map(([name, power]): readonly string[] => Array.from({ length: 2 ** power }, () => name)),
      },
    ),
    kept: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
  });
}

export function describeBody({ fields, ...spec }: BodySpec): string {
  return JSON.stringify({ ...spec, fields: fields.length === 0 ? 0 : `${fields[0]} × ${fields.length}` });
}

export function makeBody(spec: BodySpec): Buffer {
  const whole = Buffer.from(request(spec, value(spec)));
  return whole.subarray(0, Math.floor(whole.length * spec.kept));
}

function request({ place, fields }: BodySpec, json: string): string {
  if (place === "body") return json;
  const rankFields = fields.length === 0 ? "" : `,"rank_fields":${JSON.stringify(fields)}`;
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
      return `[${repeat(count, () => unit)}]`;
    case "texts":
      return `[${repeat(count, () => JSON.stringify(unit))}]`;
    case "object":
      return `{${repeat(Math.ceil(bytes / (unit.length + 6)), (number) => `"a${number}":${unit}`)}}`;
    case "same names":
      return `{${repeat(Math.ceil(bytes / (unit.length + 5)), () => `"a":${unit}`)}}`;
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

function repeat(count: number, write: (number: number) => string): string {
  return Array.from({ length: count }, (_, number) => write(number).replaceAll("#", number.toString(36))).join(",");
}
