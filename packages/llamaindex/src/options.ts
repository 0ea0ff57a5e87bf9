import type { MetadataMode } from "@llamaindex/core/schema";
import type { Dheera, RerankRequest, RerankResponse } from "dheera-ai";

/**
 * Fields of every request: `model` is `<provider>/<model>`, a proxy's is `dheera_ai/<its name>` with `apiBase` and `apiKey`.
 */
export type DheeraAIRerankOptions = Pick<RequestFields, "model"> &
  Partial<RequestFields> & {
    /** Ranks in place of the library's own instance, whose models are `<provider>/<model>`. Belongs to the caller. */
    readonly dheera?: Pick<Dheera, "rerank"> | undefined;
    /** Which metadata is ranked with a node's text: `EMBED` (default) what its embedding is made of, `LLM`, `ALL` or `NONE`. */
    readonly metadataMode?: `${MetadataMode}` | undefined;
    /** Called with each answer, which says what it cost, how many tokens it took, and what it warns of. */
    readonly onResponse?: ((response: RerankResponse) => void) | undefined;
  };

/** What nodes and queries are a request's already, and in what form an answer comes. */
type Decided = "query" | "documents" | "top_k" | "rank_fields" | "return_documents";

type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/**
 * Each further field of a request, under its name in the spelling of JavaScript: `topN` for `top_n`, `minScore`, `apiBase`.
 * What an object among them holds keeps the names of the API.
 */
export type RequestFields = {
  readonly [Field in keyof Omit<RerankRequest, Decided> as CamelCase<Field>]: RerankRequest[Field];
};

/** The same fields under the names of the API, which the library checks; one that is undefined is left out. */
export function toRequestFields(fields: Partial<RequestFields>): Readonly<Record<string, unknown>> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [snakeCase(name), value]));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
