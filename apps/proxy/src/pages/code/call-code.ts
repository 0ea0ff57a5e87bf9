import type { Language } from "./language.ts";
import { javaScript, python, quote, quoteForShell, writeValue } from "./literals.ts";

/** A call of any operation. */
export interface Call {
  readonly method: string;
  /** The whole address. */
  readonly url: string;
  readonly needsKey: boolean;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as a form in place of it; what begins with @ is a file of that name. */
  readonly form?: Readonly<Record<string, string>> | undefined;
  /** Whether the answer is JSON. */
  readonly isJson: boolean;
}

/** A call as code that runs without changes; the key comes from the environment. */
export function callCode(language: Language, call: Call): string {
  return writers[language](call);
}

const writers = { curl: writeCurl, typescript: writeTypeScript, python: writePython } as const satisfies Record<
  Language,
  (call: Call) => string
>;

function writeCurl({ method, url, needsKey, body, form }: Call): string {
  const isImplied = method === (body === undefined && form === undefined ? "GET" : "POST");
  return [
    `curl ${isImplied ? "" : `-X ${method} `}${quoteAddress(url)}`,
    ...(needsKey ? ['-H "Authorization: Bearer $DHEERA_AI_API_KEY"'] : []),
    ...(body === undefined
      ? []
      : ['-H "Content-Type: application/json"', `-d ${quoteForShell(JSON.stringify(body, null, 2))}`]),
    ...Object.entries(form ?? {}).map(([name, value]) => `-F ${quoteForShell(`${name}=${value}`)}`),
  ].join(" \\\n  ");
}

/** A question mark is special to shells. */
function quoteAddress(url: string): string {
  return /^[\w:/.-]+$/.test(url) ? url : quoteForShell(url);
}

function writeTypeScript({ method, url, needsKey, body, form, isJson }: Call): string {
  const fields = Object.entries(form ?? {}).map(([name, value]) =>
    value.startsWith("@")
      ? `form.set(${quote(name)}, await openAsBlob(${quote(value.slice(1))}), ${quote(value.slice(1))});\n`
      : `form.set(${quote(name)}, ${quote(value)});\n`,
  );
  const before =
    fields.length === 0
      ? ""
      : `import { openAsBlob } from "node:fs";\n\nconst form = new FormData();\n${fields.join("")}`;
  const headers = [
    ...(needsKey ? ["authorization: `Bearer ${process.env.DHEERA_AI_API_KEY}`"] : []),
    ...(body === undefined ? [] : ['"content-type": "application/json"']),
  ];
  const options = [
    ...(method === "GET" ? [] : [`method: ${quote(method)}`]),
    ...(headers.length === 0 ? [] : [`headers: { ${headers.join(", ")} }`]),
    ...(body === undefined ? [] : [`body: JSON.stringify(${writeValue(body, javaScript, "  ")})`]),
    ...(form === undefined ? [] : ["body: form"]),
  ];
  const given = options.length === 0 ? "" : `, {\n${options.map((option) => `  ${option},\n`).join("")}}`;
  return `${before}const response = await fetch(${quote(url)}${given});
if (!response.ok) throw new Error(await response.text());
console.log(await response.${isJson ? "json" : "text"}());
`;
}

function writePython({ method, url, needsKey, body, form, isJson }: Call): string {
  const fields = Object.entries(form ?? {});
  const files = fields.filter(([, value]) => value.startsWith("@"));
  const texts = fields.filter(([, value]) => !value.startsWith("@"));
  const args = [
    quote(url),
    ...(needsKey ? [`headers={"Authorization": f"Bearer {os.environ['DHEERA_AI_API_KEY']}"}`] : []),
    ...(body === undefined ? [] : [`json=${writeValue(body, python, "    ")}`]),
    ...(form === undefined
      ? []
      : [
          `data=${writeValue(Object.fromEntries(texts), python, "    ")}`,
          `files={${files.map(([name, value]) => `${quote(name)}: open(${quote(value.slice(1))}, "rb")`).join(", ")}}`,
        ]),
    "timeout=60",
  ];
  return `import${needsKey ? " os\nimport" : ""} requests

response = requests.${method.toLowerCase()}(
${args.map((arg) => `    ${arg},\n`).join("")})
response.raise_for_status()
print(response.${isJson ? "json()" : "text"})
`;
}
