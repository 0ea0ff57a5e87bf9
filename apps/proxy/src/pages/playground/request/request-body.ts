import type { TypedDocument } from "./read-documents.ts";

/** What the form asks for. Fields that were left alone are absent. */
export interface RequestBody {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly TypedDocument[];
  readonly top_n?: number;
  readonly instruction?: string;
  readonly raw_scores?: true;
  readonly cache?: { readonly "no-cache": true };
}
