import type { DefinedRow } from "../engine/define-row.ts";
import { jinaAi } from "./jina-ai.ts";
import { voyage } from "./voyage.ts";

/** Every provider that is a row. */
export const allRows: readonly DefinedRow[] = [jinaAi, voyage];
