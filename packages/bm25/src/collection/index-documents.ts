import { type Language, loadLanguage } from "../language.ts";
import { parseOptions } from "../parse-options.ts";
import { piecesOf } from "../pieces-of.ts";
import { yieldToEventLoopEvery } from "../yield-to-event-loop.ts";
import { type Found, Okapi } from "./okapi.ts";
import { PostingsBuilder } from "./postings.ts";
import { Terms } from "./terms.ts";

/** The language, and the constants of Okapi BM25. */
export interface IndexOptions {
  /** The language whose stop words and stemmer apply; default `english`. */
  readonly language?: Language | undefined;
  /** How much a word's second and later occurrences add, 0 or more; default 1.2. */
  readonly k1?: number | undefined;
  /** How much the length of a document lowers its score, 0 to 1; default 0.75. */
  readonly b?: number | undefined;
  /** Ends the work; the promise is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What search over a whole collection knows: which documents have which words, and how often. The texts are not kept. */
export interface CollectionIndex {
  readonly documents: number;
  /** Different terms. */
  readonly terms: number;
  /** Bytes of the tables, the terms themselves not counted. */
  readonly bytes: number;
  /**
   * The best documents for a query, best first, equal scores in the order of the documents. Only documents that share a
   * term with the query are found, so that there may be fewer than `most`; none for a query of stop words alone.
   */
  search(query: string, most: number): readonly Found[];
}

/**
 * An inverted index for Okapi BM25 over a whole collection, with the words and stems of `bm25/default`. Other work on the
 * event loop goes on meanwhile.
 * @throws DheeraError `invalid_request` naming the option at fault.
 */
export async function indexDocuments(
  documents: Iterable<string>,
  { signal = new AbortController().signal, ...options }: IndexOptions = {},
): Promise<CollectionIndex> {
  const { language, k1, b } = parseOptions(options);
  const terms = new Terms(await loadLanguage(language));
  const builder = new PostingsBuilder();
  const yieldToEventLoop = yieldToEventLoopEvery(signal, charactersATurn);
  signal.throwIfAborted();
  for (const document of documents) {
    for (const piece of piecesOf(document)) {
      const turn = yieldToEventLoop(piece.length);
      if (turn) await turn;
      terms.read(piece, (term) => builder.count(term));
    }
    builder.endDocument();
  }
  const postings = builder.finish();
  const okapi = new Okapi(postings, k1, b);
  return {
    documents: postings.documents,
    terms: terms.size,
    bytes: postings.bytes,
    search: (query, most) => okapi.search(terms.find(query), most),
  };
}

/** Some milliseconds: nobody waits for each other here as they do at a server. */
const charactersATurn = 131_072;
