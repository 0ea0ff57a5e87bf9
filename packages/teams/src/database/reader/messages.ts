import type { SQLInputValue } from "node:sqlite";

/** What a process that reads is told: a statement to run, or that the next rows of the last one are wanted. */
export type Order = Statement | "more";

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
  /** Milliseconds that it may take. */
  readonly time: number;
}

/** What it answers. Rows come by pieces, so that whoever asked does other things between two of them. */
export type Answer =
  | { readonly rows: readonly unknown[]; readonly isLast: boolean }
  /** @param code SQLite's primary code, where it was SQLite that refused */
  | { readonly error: string; readonly code?: number | undefined };

/** What it says first. */
export const ready = "ready";

export function isOrder(message: unknown): message is Order {
  return (
    message === "more" || (typeof message === "object" && message !== null && "sql" in message && "time" in message)
  );
}

export function isAnswer(message: unknown): message is Answer {
  return typeof message === "object" && message !== null && ("rows" in message || "error" in message);
}
