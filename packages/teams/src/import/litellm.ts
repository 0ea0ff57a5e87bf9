/** What brings the teams of a LiteLLM database here: loaded by the command that imports, and by no proxy. */
export type { ImportCount, ImportedKind, ImportResult, Refused } from "./import-litellm.ts";
export type { LeftOut } from "./left-out.ts";
export type { LitellmExport } from "./exported.ts";
export { importLitellm } from "./import-litellm.ts";
export { readExport } from "./read-export.ts";
