export type { DefinedRow, RowContext, RowHooks } from "./engine/define-row.ts";
export { defineRow } from "./engine/define-row.ts";
export type {
  Row,
  RowDocumentation,
  RowElsewhere,
  RowLimits,
  RowModel,
  RowPrice,
  RowRefusal,
  RowRequest,
  RowResponse,
} from "./engine/row.ts";
export { allRows } from "./rows/all-rows.ts";
export { providerOfRow, type RowOptions } from "./engine/provider-of-row.ts";
export { type NamelessRow, rowName, rowSchema } from "./engine/schema/row-schema.ts";
export type { KnownModel, KnownProvider } from "./known/known-provider.ts";
export { knownProviders } from "./known/known-providers.ts";
export { cohere, dheeraAi, litellmProxy, rowProviders } from "./row-providers.ts";
