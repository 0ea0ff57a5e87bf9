import type { JsonSchema } from "@valibot/to-json-schema";

import type { Operation } from "../../src/openapi/open-api.ts";
import type { Chapter } from "./chapters.ts";

/** The named schemas, each described on one page. */
export interface Shapes {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** Names of those that a page describes, in the order in which they are first used. */
  on(file: string): readonly string[];
  /** A link to where a schema is described, from a page. */
  link(name: string, from: string): string;
}

/** The page of schemas that every page uses. */
const everywhere: Readonly<Record<string, string>> = { Error: "README.md" };

/**
 * Each schema is described once, below the operations of the first page that uses it, be it a body, an answer or within one; operations
 * and other pages link to it there.
 */
export function shapesOf(chapters: readonly Chapter[], schemas: Readonly<Record<string, JsonSchema>>): Shapes {
  const pages = new Map<string, string>(Object.entries(everywhere));
  for (const { file, topics } of chapters)
    for (const { operation } of topics)
      for (const name of namesIn(bodiesOf(operation), schemas)) if (!pages.has(name)) pages.set(name, file);
  return {
    schemas,
    on: (file) => [...pages].flatMap(([name, page]) => (page === file ? [name] : [])),
    link: (name, from) => {
      const page = pages.get(name) ?? "";
      return `[${name}](${page === from ? "" : page}#${name})`;
    },
  };
}

export function nameOf({ $ref }: JsonSchema): string | undefined {
  return $ref?.slice($ref.lastIndexOf("/") + 1);
}

/** What a request and the answers that are no errors hold. Errors of other APIs are described with their answers. */
function bodiesOf({ requestBody, responses }: Operation): readonly JsonSchema[] {
  return [requestBody?.content ?? {}, ...Object.values(responses).map(({ content = {} }) => content)].flatMap(
    (content) => Object.values(content).map(({ schema }) => schema),
  );
}

/** The names that schemas refer to, each followed by those within it. */
function namesIn(
  roots: readonly JsonSchema[],
  schemas: Readonly<Record<string, JsonSchema>>,
  found: Set<string> = new Set(),
): ReadonlySet<string> {
  for (const root of roots) {
    const name = nameOf(root);
    if (name !== undefined && !found.has(name)) {
      found.add(name);
      namesIn([schemas[name] ?? {}], schemas, found);
    }
    namesIn(childrenOf(root), schemas, found);
  }
  return found;
}

function childrenOf({ properties = {}, items, additionalProperties, anyOf = [] }: JsonSchema): readonly JsonSchema[] {
  return [...Object.values(properties), items, additionalProperties, ...anyOf].flatMap((child) =>
    typeof child === "object" && !Array.isArray(child) ? [child] : [],
  );
}
