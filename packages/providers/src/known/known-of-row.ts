import type { Row, RowModel, RowPrice } from "../engine/row.ts";
import type { KnownModel, KnownProvider } from "./known-provider.ts";

/** What a row says, model by model. */
export function knownOfRow(row: Row): KnownProvider {
  const { name, label = name, api_base, api_base_env = [], api_key_env = [], models = [], documentation = {} } = row;
  return {
    name,
    label: documentation.title ?? label,
    ...(api_base !== undefined && { api_base }),
    api_base_env,
    api_key_env,
    models: [...models, { match: "*" }].map((model) => knownModel(row, model)),
    documentation,
  };
}

function knownModel(row: Row, model: RowModel): KnownModel {
  const { tokens_per_document, documents_per_call, tokens_per_call } = { ...row.limits, ...model.limits };
  const price = priceAt(row.api_base, model) ?? row.price;
  return {
    model: model.match,
    ...(tokens_per_document !== undefined && { context: tokens_per_document }),
    ...(documents_per_call !== undefined && { documents_per_call }),
    ...(tokens_per_call !== undefined && { tokens_per_call }),
    score_kind: model.score_kind ?? row.score_kind,
    scoring: model.scoring ?? row.scoring ?? "pointwise",
    billing: model.billing ?? row.billing,
    ...(price && { price }),
    ...(model.deprecated !== undefined && { deprecated: model.deprecated }),
  };
}

function priceAt(base: string | undefined, { price, price_by_host = {} }: RowModel): RowPrice | undefined {
  return (base === undefined ? undefined : price_by_host[new URL(base).hostname]) ?? price;
}
