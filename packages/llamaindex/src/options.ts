import type { MetadataMode } from "@llamaindex/core/schema";
import { type CamelCaseFields, type Dheera, DheeraError, type RerankResponse } from "dheera-ai";

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

/** Each field of a request that nodes and queries are not already, in camel case: `topN`, `minScore`, `apiBase`. */
export type RequestFields = CamelCaseFields<"query" | "documents" | "top_k" | "rank_fields" | "return_documents">;

/**
 * The library's own instance keeps no scores, and a proxy decides itself.
 * @throws DheeraError `invalid_request` for a `cache` that nobody has.
 */
export function refuseCache({ cache, dheera }: DheeraAIRerankOptions): void {
  if (cache == null || dheera !== undefined) return;
  const remedy = "goes with dheera, an instance of createDheera with a cache: without it no scores are kept";
  throw new DheeraError("invalid_request", `cache: ${remedy}`, { param: "cache" });
}
