import type { BatchClient } from "../calls/batch-client.ts";

/** What every view of the page works with. */
export interface Scene {
  readonly client: BatchClient;
  /** Says what happened. */
  say(news: string): void;
  /** Says what went wrong. */
  complain(error: unknown): void;
  /** Takes away what went wrong, because it no longer does. */
  calm(): void;
  /** Shows a batch. */
  open(id: string, news: string): void;
}

/** One view, drawn once and kept up to date in its place, so that neither the keyboard nor the eye loses its place. */
export interface View {
  readonly title: string;
  readonly content: readonly Node[];
  /** Ends its looking. */
  leave(): void;
}
