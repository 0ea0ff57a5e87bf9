import type { Language } from "./language.ts";
import { javaScript, python, quote, quoteForShell, writeFields, writeValue } from "./literals.ts";
import type { RequestBody } from "./request-body.ts";

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

function writeTypeScript(body: RequestBody, { base, needsKey }: RequestPlace): string {
  const fields = [
    ...writeFields(body, javaScript),
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
    json=${writeValue(body, python, "    ")},
    timeout=60,
)
response.raise_for_status()

for result in response.json()["results"]:
    print(result["index"], result["relevance_score"])
`;
}
