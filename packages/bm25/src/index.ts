export { bm25 } from "./bm25.ts";
export type { Language } from "./language.ts";
export type { Bm25Options } from "./parse-options.ts";
