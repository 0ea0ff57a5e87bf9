import type { KnownProvider, Row } from "@dheera-ai/providers";

import { fence } from "./markdown.ts";

const request = {
  query: "What is the capital of the United States?",
  documents: ["Carson City is the capital of Nevada.", "Washington, D.C. is the capital of the United States."],
  top_n: 1,
};

/** How the model of a deployment is asked: through a proxy that has the configuration of the page, and from a program. */
export function renderExamples(provider: KnownProvider, row: Row, model: string, base?: string): readonly string[] {
  const [key] = provider.api_key_env;
  const fields = [
    `  model: ${JSON.stringify(`${provider.name}/${model}`)},`,
    ...(base === undefined ? [] : [`  api_base: ${JSON.stringify(base)},`]),
    ...(key === undefined ? [] : [`  api_key: process.env[${JSON.stringify(key)}],`]),
    `  query: ${JSON.stringify(request.query)},`,
    "  documents: [",
    ...request.documents.map((text) => `    ${JSON.stringify(text)},`),
    "  ],",
    `  top_n: ${request.top_n},`,
  ];
  return [
    "## How to ask it",
    "",
    "Through the proxy, with the proxy running on the configuration above:",
    "",
    ...fence("sh", curlCommand()),
    `From a program, without a proxy, with [the library](../library.md)${variables(row)}:`,
    "",
    ...fence(
      "ts",
      [
        'import { rerank } from "dheera-ai";',
        "",
        "const { results } = await rerank({",
        ...fields,
        "});",
        "console.log(results[0]?.index, results[0]?.relevance_score);",
      ].join("\n"),
    ),
  ];
}

function curlCommand(): string {
  const { query, documents, top_n } = request;
  return [
    `curl http://localhost:4000/v1/rerank -H "Content-Type: application/json" -d '{`,
    '  "model": "reranker",',
    `  "query": ${JSON.stringify(query)},`,
    '  "documents": [',
    documents.map((text) => `    ${JSON.stringify(text)}`).join(",\n"),
    "  ],",
    `  "top_n": ${top_n}`,
    "}'",
  ].join("\n");
}

/** Of parameters that a request cannot have. */
function variables({ path_parameters = {} }: Row): string {
  const named = Object.values(path_parameters).flatMap(([variable]) => (variable === undefined ? [] : [variable]));
  return named.length === 0
    ? ""
    : `, which reads ${named.map((name) => `\`${name}\``).join(" and ")} from the environment`;
}
