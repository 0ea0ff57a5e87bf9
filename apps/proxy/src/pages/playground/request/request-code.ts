import type { RequestBody } from "./request-body.ts";

export type Language = "curl" | "typescript" | "python";

export interface RequestPlace {
  /** The proxy, without a trailing slash: `http://localhost:4000`. */
  readonly base: string;
  /**
   * Whether it needs a key. The code names an environment variable, because a key in code that is passed around does
   * not stay secret.
   */
  readonly needsKey: boolean;
}

/** The same request as code that runs without changes. */
export function requestCode(language: Language, body: RequestBody, place: RequestPlace): string {
  return writers[language](body, place);
}

const writers = { curl: writeCurl, typescript: writeTypeScript, python: writePython } as const satisfies Record<
  Language,
  (body: RequestBody, place: RequestPlace) => string
>;

function writeCurl(body: RequestBody, { base, needsKey }: RequestPlace): string {
  return [
    `curl ${base}/rerank`,
    ...(needsKey ? ['-H "Authorization: Bearer $DHEERA_AI_API_KEY"'] : []),
    '-H "Content-Type: application/json"',
    `-d ${quoteForShell(JSON.stringify(body, null, 2))}`,
  ].join(" \\\n  ");
}

/** Between single quotes only the quote itself is special. */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function writeTypeScript(body: RequestBody, { base, needsKey }: RequestPlace): string {
  const fields = [
    ...fieldsOf(body, javaScript),
    `api_base: ${quote(base)}`,
    ...(needsKey ? ["api_key: process.env.DHEERA_AI_API_KEY"] : []),
  ];
  return `import { rerank } from "dheera-ai";

const { results } = await rerank({
${fields.map((field) => `  ${field},\n`).join("")}});

for (const { index, relevance_score } of results) console.log(index, relevance_score);
`;
}

function writePython(body: RequestBody, { base, needsKey }: RequestPlace): string {
  return `import${needsKey ? " os\nimport" : ""} requests

response = requests.post(
    ${quote(`${base}/rerank`)},${needsKey ? `\n    headers={"Authorization": f"Bearer {os.environ['DHEERA_AI_API_KEY']}"},` : ""}
    json=${write(body, python, "    ")},
    timeout=60,
)
response.raise_for_status()

for result in response.json()["results"]:
    print(result["index"], result["relevance_score"])
`;
}

/** How a language writes values where it differs from JSON. */
interface Dialect {
  readonly indent: string;
  readonly key: (name: string) => string;
  readonly word: (value: boolean | null) => string;
}

const javaScript: Dialect = {
  indent: "  ",
  key: (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)),
  word: String,
};
const python: Dialect = {
  indent: "    ",
  key: quote,
  word: (value) => (value === null ? "None" : value ? "True" : "False"),
};

function fieldsOf(record: object, dialect: Dialect, margin: string = dialect.indent): string[] {
  return Object.entries(record).map(([name, value]) => `${dialect.key(name)}: ${write(value, dialect, margin)}`);
}

function write(value: unknown, dialect: Dialect, margin: string): string {
  if (value === null || typeof value === "boolean") return dialect.word(value);
  if (typeof value !== "object") return typeof value === "string" ? quote(value) : String(value);
  const inner = margin + dialect.indent;
  const [open, parts, close] = Array.isArray(value)
    ? ["[", value.map((item) => write(item, dialect, inner)), "]"]
    : ["{", fieldsOf(value, dialect, inner), "}"];
  return parts.length === 0
    ? open + close
    : `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${margin}${close}`;
}

/** A JSON string is valid in both languages. */
function quote(text: string): string {
  return JSON.stringify(text);
}
