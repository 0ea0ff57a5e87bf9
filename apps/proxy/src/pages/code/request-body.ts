/** A document of a request. */
export type TypedDocument = string | Readonly<Record<string, unknown>>;

/** The request that the form makes. Fields without input are absent. */
export interface RequestBody {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly TypedDocument[];
  readonly top_n?: number;
  readonly instruction?: string;
  readonly raw_scores?: true;
  readonly cache?: { readonly "no-cache": true };
}
