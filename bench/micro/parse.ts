import { parseRequest } from "../../packages/core/src/request/parse-request.ts";
import { type Step, counts, textsOf } from "./step.ts";

export const parsing = "JSON.parse";
export const validation = "validation";

/** What a body costs before it means anything, and what its check costs on top. */
export function parseSteps(): readonly Step[] {
  return counts.map(textsOf).flatMap((texts) => {
    const objects = texts.map((text, id) => ({ id, text }));
    return stepsOf(texts, "texts").concat(stepsOf(objects, "objects"));
  });
}

function stepsOf(documents: readonly unknown[], kind: string): readonly Step[] {
  const body = JSON.stringify({ model: "reranker", query: "which bridge is old?", documents, top_n: 10 });
  const parsed: unknown = JSON.parse(body);
  return [
    { name: `${parsing} of ${kind}`, documents: documents.length, run: () => JSON.parse(body) },
    { name: `${validation} of ${kind}`, documents: documents.length, run: () => parseRequest(parsed) },
  ];
}
