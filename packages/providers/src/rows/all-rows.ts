import type { DefinedRow } from "../engine/define-row.ts";
import { cohereRow } from "./cohere.ts";
import { jinaAi } from "./jina-ai.ts";
import { dheeraAiRow, litellmProxyRow } from "./proxies.ts";
import { voyage } from "./voyage.ts";

/** Every provider that is a row. */
export const allRows: readonly DefinedRow[] = [cohereRow, jinaAi, voyage, dheeraAiRow, litellmProxyRow];
