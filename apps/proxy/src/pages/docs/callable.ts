import type { Operation } from "../../openapi/open-api.ts";
import type { Call } from "../code/call-code.ts";

/** The address in examples, which a page's script may replace by its own. */
const exampleBase = "http://localhost:4000";

/** What the examples of one operation are made from. */
export interface Callable {
  readonly method: string;
  readonly paths: readonly string[];
  readonly operation: Operation;
  readonly needsKey: boolean;
}

/** A call of it with one of its example bodies. */
export function callOf({ method, paths, operation, needsKey }: Callable, body: unknown): Call {
  const url = `${exampleBase}${examplePath(paths[0] ?? "", operation)}`;
  const isJson = operation.responses["200"]?.content?.["application/json"] !== undefined;
  return { method, url, needsKey, body, form: formOf(operation), isJson };
}

/** Each parameter of the path has its example in its place. */
function examplePath(path: string, { parameters = [] }: Operation): string {
  return parameters.reduce(
    (filled, { in: place, name, example = name }) => (place === "path" ? filled.replace(`{${name}}`, example) : filled),
    path,
  );
}

/** Its example bodies, each with a title; one without a body where it has none. */
export function requestsOf({ requestBody }: Operation): readonly { readonly title: string; readonly body?: unknown }[] {
  const examples = Object.values(requestBody?.content["application/json"]?.examples ?? {});
  if (examples.length === 0) return [{ title: "Request" }];
  return examples.map(({ summary, value }) => ({
    title: summary === undefined ? "Request" : `Request · ${summary}`,
    body: value,
  }));
}

/** An example of a request that is a form; undefined for all others. */
export function formOf({ requestBody }: Operation): Readonly<Record<string, string>> | undefined {
  const example: unknown = requestBody?.content["multipart/form-data"]?.examples?.["example"]?.value;
  if (typeof example !== "object" || example === null) return undefined;
  return Object.fromEntries(Object.entries(example).map(([name, value]) => [name, String(value)]));
}
