/** A body that is meant to hurt; each fits `max_request_size_mb`. */
export interface WorstBody {
  readonly name: string;
  make(): Buffer;
}

const megabytes = 15.5;
const size = megabytes * 1_000_000;

/** Every kind that has stopped a proxy, or could: what is refused, and what is allowed and large. */
export const worstBodies: readonly WorstBody[] = [
  { name: `${megabytes} MB of objects in an unknown field`, make: () => withField(`[${fill("{},")}{}]`) },
  { name: `${megabytes} MB of lists in each other`, make: () => Buffer.from(fill("[")) },
  { name: `${megabytes} MB of numbers as texts`, make: () => Buffer.from(`{"query":"q","texts":[${fill("1,")}1]}`) },
  { name: "2 MB of numbers as rank_fields", make: () => withRankFields(`[${"1,".repeat(1_000_000)}1]`) },
  {
    name: "a field of 60 kB, named 8,000 times",
    make: () => withRankFields(`[${'"a",'.repeat(7_999)}"a"]`, JSON.stringify({ a: "x".repeat(60_000) })),
  },
  { name: "145,000 fields of different names", make: () => withField(`{${names(145_000, (name) => `"${name}":0`)}}`) },
  {
    name: "72,000 objects, each with a name of its own",
    make: () => withField(`[${names(72_000, (name) => `{"${name}":0}`)}]`),
  },
  {
    name: "72,000 such objects in a document",
    make: () => document(`{"text":"a","x":[${names(72_000, (name) => `{"${name}":0}`)}]}`),
  },
  {
    name: `${megabytes} MB of long names of fields`,
    make: () => withField(`[${names(size / 16_500, (name) => `{"${"x".repeat(16_384)}${name.padStart(9)}":0}`)}]`),
  },
  { name: "60 kB of objects in a document", make: () => document(`{"text":"a","x":[${"{},".repeat(20_000)}{}]}`) },
  { name: `a document of ${megabytes} MB`, make: () => document(`"${fill("word ")}"`) },
  { name: `a document of ${megabytes} MB that is not ASCII`, make: () => document(`"…${fill("Wörter ")}"`) },
  { name: `a document of ${megabytes} MB of escapes`, make: () => document(`"${fill("\\u0000")}"`) },
  { name: `a document of ${megabytes} MB of quotes`, make: () => document(`"${fill('\\"')}"`) },
  { name: `a document of ${megabytes} MB of half characters`, make: () => document(`"${fill("\\ud800")}"`) },
  { name: "10,000 documents of 1.5 kB", make: () => documents(10_000, () => `"${"word ".repeat(300)}"`) },
  { name: "10,000 records of 13 fields", make: () => documents(10_000, record) },
];

/** Fills up a body, with room for its beginning and its end. */
function fill(unit: string): string {
  return unit.repeat((size - 1_000) / Buffer.byteLength(unit));
}

function names(count: number, write: (name: string) => string): string {
  return Array.from({ length: count }, (_, position) => write(`field${position.toString(36)}`)).join(",");
}

function record(position: number): string {
  return `{${Array.from({ length: 13 }, (_, field) => `"field${field}":"value ${position}"`).join(",")}}`;
}

function documents(count: number, write: (position: number) => string): Buffer {
  return body(`"documents":[${Array.from({ length: count }, (_, position) => write(position)).join(",")}]`);
}

function document(json: string): Buffer {
  return body(`"documents":[${json}]`);
}

function withField(json: string): Buffer {
  return body(`"documents":["a"],"x":${json}`);
}

function withRankFields(json: string, documentJson = '{"a":"b"}'): Buffer {
  return body(`"documents":[${documentJson}],"rank_fields":${json}`);
}

function body(fields: string): Buffer {
  return Buffer.from(`{"model":"large","query":"q",${fields}}`);
}
