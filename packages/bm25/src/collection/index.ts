export { isLanguage, type Language, languages } from "../language.ts";
export { type CollectionIndex, indexDocuments, type IndexOptions } from "./index-documents.ts";
export type { Found } from "./okapi.ts";
