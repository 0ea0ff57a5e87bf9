import type { BatchFormat } from "./formats.ts";

/** What `dheera_ai batch` was told. */
export interface BatchOptions {
  readonly model?: string;
  readonly output: string;
  readonly config?: string;
  readonly api_base?: string;
  readonly api_key?: string;
  readonly format?: BatchFormat;
  readonly input_format?: BatchFormat;
  readonly queries?: string;
  readonly documents?: string;
  readonly errors?: string;
  readonly progress?: string;
  readonly top_n?: number;
  readonly return_documents: boolean;
  readonly instruction?: string;
  readonly long_documents?: "truncate" | "chunk_max";
  readonly raw_scores?: boolean;
  readonly normalize?: "none" | "sigmoid";
  readonly concurrency: number;
  readonly max_cost?: number;
  readonly unknown_cost: "refuse" | "allow";
  readonly patience: number;
  readonly overwrite: boolean;
  readonly finish: boolean;
}
