import { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch/web";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { Document, type DocumentInterface } from "@langchain/core/documents";
import { BaseDocumentCompressor } from "@langchain/core/retrievers/document_compressors";
import { ensureConfig } from "@langchain/core/runnables";
import {
  type CamelCaseFields,
  type Dheera,
  DheeraError,
  type RerankResponse,
  rerank,
  toRequestFields,
} from "dheera-ai";

import { type RankableDocument, contentsOf } from "./contents.ts";

/** Each field of a request but the documents and the query of a call, in camel case: `topN`, `minScore`, `rankFields`. */
export type RequestFields = CamelCaseFields<"query" | "documents" | "top_k" | "return_documents">;

/** What one call may say otherwise than the compressor: any field of a request, `signal` too. */
export type DheeraAIRerankOptions = Partial<RequestFields>;

/** Fields of every request: `model` is `<provider>/<model>`, a proxy's is `dheera_ai/<its name>` with `apiBase` and `apiKey`. */
export type DheeraAIRerankFields = Pick<RequestFields, "model"> &
  DheeraAIRerankOptions & {
    /** Ranks in place of the library's own instance, whose models are `<provider>/<model>`. Belongs to the caller. */
    readonly dheera?: Pick<Dheera, "rerank"> | undefined;
  };

/** A place in a ranking. */
export interface RankedIndex {
  /** Position in the documents that were given. */
  readonly index: number;
  readonly relevanceScore: number;
}

/**
 * The documents that answer the query best, best first, each with `relevanceScore` in its metadata; for a
 * `ContextualCompressionRetriever`, or to be called. Nothing is called before it is used.
 */
export class DheeraAIRerank extends BaseDocumentCompressor {
  /** `<provider>/<model>`, or a name of `dheera`'s. */
  readonly model: string;
  /** How many documents come back; all of them where it is absent. */
  readonly topN: number | null | undefined;
  // Private, so that nothing that prints, clones or serializes the compressor shows a key.
  readonly #fields: DheeraAIRerankFields;

  static lc_name(): string {
    return "DheeraAIRerank";
  }

  /** @throws DheeraError `invalid_request` for a `cache` that nobody has. */
  constructor(fields: DheeraAIRerankFields) {
    super();
    refuseCache(fields);
    this.model = fields.model;
    this.topN = fields.topN;
    this.#fields = { ...fields };
  }

  /**
   * The best of the documents, best first: copies with their id, their metadata and its `relevanceScore`; those that came
   * in are not changed. Where `callbacks` belong to a run, it gets a custom event `dheera_ai_rerank` with the usage.
   * @throws DheeraError; its `code` says whose fault it is
   */
  async compressDocuments(
    documents: DocumentInterface[],
    query: string,
    callbacks?: Callbacks,
    options: DheeraAIRerankOptions = {},
  ): Promise<DocumentInterface[]> {
    if (documents.length === 0) return [];
    const response = await this.#rank(documents, query, options);
    await tell(callbacks, response, documents.length);
    return response.results.flatMap(({ index, relevance_score: relevanceScore }) => {
      const document = documents[index];
      return document === undefined ? [] : [withScore(document, relevanceScore)];
    });
  }

  /**
   * Positions and scores of texts, documents or records, best first.
   * @throws DheeraError; its `code` says whose fault it is
   */
  async rerank(
    documents: readonly RankableDocument[],
    query: string,
    options: DheeraAIRerankOptions = {},
  ): Promise<RankedIndex[]> {
    if (documents.length === 0) return [];
    const { results } = await this.#rank(documents, query, options);
    return results.map(({ index, relevance_score: relevanceScore }) => ({ index, relevanceScore }));
  }

  async #rank(
    documents: readonly RankableDocument[],
    query: string,
    { signal: ownSignal, ...own }: DheeraAIRerankOptions,
  ): Promise<RerankResponse> {
    const { dheera, signal, ...fields } = this.#fields;
    refuseCache({ ...own, dheera });
    const rankFields = own.rankFields === undefined ? fields.rankFields : own.rankFields;
    const request = {
      ...toRequestFields(fields),
      ...toRequestFields(own),
      model: own.model ?? fields.model,
      query,
      documents: contentsOf(documents, rankFields),
    };
    const options = { signal: anyOf(signal, ownSignal, ensureConfig().signal) };
    return dheera === undefined ? rerank(request, options) : dheera.rerank(request, options);
  }
}

/** The library's own instance keeps no scores, and a proxy decides itself. */
function refuseCache({ cache, dheera }: Pick<DheeraAIRerankFields, "cache" | "dheera">): void {
  if (cache == null || dheera !== undefined) return;
  const remedy = "goes with dheera, an instance of createDheera with a cache: without it no scores are kept";
  throw new DheeraError("invalid_request", `cache: ${remedy}`, { param: "cache" });
}

/** Whoever watches the run learns what it used; no text, no query. */
async function tell(callbacks: Callbacks | undefined, response: RerankResponse, documents: number): Promise<void> {
  if (callbacks === undefined) return;
  const { id, model, results, meta, usage } = response;
  const payload = { id, model, documents, results: results.length, meta, usage };
  await dispatchCustomEvent("dheera_ai_rerank", payload, { callbacks });
}

function withScore({ pageContent, metadata, id }: DocumentInterface, relevanceScore: number): Document {
  return new Document({ pageContent, metadata: { ...metadata, relevanceScore }, id });
}

/** Of the compressor, of the call, and of the run that the call is a part of, where LangChain carries its config along. */
function anyOf(...signals: readonly (AbortSignal | null | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal != null);
  return given.length < 2 ? given[0] : AbortSignal.any(given);
}
