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

function writeCurl({ method, url, needsKey, body }: Call): string {
  const isImplied = method === (body === undefined ? "GET" : "POST");
  return [
    `curl ${isImplied ? "" : `-X ${method} `}${quoteAddress(url)}`,
    ...(needsKey ? ['-H "Authorization: Bearer $DHEERA_AI_API_KEY"'] : []),
    ...(body === undefined
      ? []
      : ['-H "Content-Type: application/json"', `-d ${quoteForShell(JSON.stringify(body, null, 2))}`]),
  ].join(" \\\n  ");
}

/** A question mark is special to shells. */
function quoteAddress(url: string): string {
  return /^[\w:/.-]+$/.test(url) ? url : quoteForShell(url);
}

function writeTypeScript({ method, url, needsKey, body, isJson }: Call): string {
  const headers = [
    ...(needsKey ? ["authorization: `Bearer ${process.env.DHEERA_AI_API_KEY}`"] : []),
    ...(body === undefined ? [] : ['"content-type": "application/json"']),
  ];
  const options = [
    ...(method === "GET" ? [] : [`method: ${quote(method)}`]),
    ...(headers.length === 0 ? [] : [`headers: { ${headers.join(", ")} }`]),
    ...(body === undefined ? [] : [`body: JSON.stringify(${writeValue(body, javaScript, "  ")})`]),
  ];
  const given = options.length === 0 ? "" : `, {\n${options.map((option) => `  ${option},\n`).join("")}}`;
  return `const response = await fetch(${quote(url)}${given});
if (!response.ok) throw new Error(await response.text());
console.log(await response.${isJson ? "json" : "text"}());
`;
}

function writePython({ method, url, needsKey, body, isJson }: Call): string {
  const args = [
    quote(url),
    ...(needsKey ? [`headers={"Authorization": f"Bearer {os.environ['DHEERA_AI_API_KEY']}"}`] : []),
    ...(body === undefined ? [] : [`json=${writeValue(body, python, "    ")}`]),
    "timeout=60",
  ];
  return `import${needsKey ? " os\nimport" : ""} requests

response = requests.${method.toLowerCase()}(
${args.map((arg) => `    ${arg},\n`).join("")})
response.raise_for_status()
print(response.${isJson ? "json()" : "text"})
`;
}
