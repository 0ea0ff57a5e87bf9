import type { RerankRequest } from "dheera-ai";

/** What the adapter decides itself: the documents and the query of a call, and in what form an answer comes. */
type Decided = "query" | "documents" | "top_k" | "return_documents";

type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/**
 * Each further field of a request, under its name in the spelling of JavaScript: `topN` for `top_n`, `minScore`,
 * `rankFields`, `apiBase`. What an object among them holds keeps the names of the API.
 */
export type RequestFields = {
  readonly [Field in keyof Omit<RerankRequest, Decided> as CamelCase<Field>]: RerankRequest[Field];
};

/** The same fields under the names of the API, which core checks; one that is undefined is left out. */
export function toRequestFields(fields: Partial<RequestFields>): Readonly<Record<string, unknown>> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [snakeCase(name), value]));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
