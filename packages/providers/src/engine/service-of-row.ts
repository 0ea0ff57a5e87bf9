import type { Profile } from "@dheera-ai/core";

import { matchesGlob } from "./glob.ts";
import { limitsOf, priceOf } from "./limits-of-row.ts";
import type { PlaceOfRow } from "./address/place-of-row.ts";
import type { Row, RowModel, RowRequest, RowResponse } from "./row.ts";
import { pathFor } from "./address/url-of-row.ts";

/** What a row says of one model at one address. */
export interface ServiceOfRow {
  readonly label: string;
  readonly path: string;
  readonly request: RowRequest;
  readonly response: RowResponse;
  readonly profile: Profile;
}

/** What the deployment itself says of its model. */
export interface DeclaredModel {
  readonly scoring?: Profile["scoring"] | undefined;
  readonly revision?: string | undefined;
}

/** The row, with what differs for this model; at an address that is not the provider's own, `elsewhere` in their place. */
export function serviceOfRow(
  row: Row,
  model: string,
  { base, isOwn }: Pick<PlaceOfRow, "base" | "isOwn">,
  { scoring, revision }: DeclaredModel = {},
): ServiceOfRow {
  const { label = row.name, response = {} } = row;
  const elsewhere = isOwn ? undefined : row.elsewhere;
  const special = elsewhere ? undefined : row.models?.find(({ match }) => matchesGlob(match, model));
  const said = elsewhere ?? { ...row, ...special };
  const price = elsewhere ? undefined : (special?.price_by_host?.[base.hostname] ?? special?.price ?? row.price);
  return {
    label: elsewhere?.label ?? label,
    path: special?.path ?? pathFor(row, base),
    request: elsewhere?.request ?? { ...row.request, ...special?.request },
    response: elsewhere?.response ?? response,
    profile: {
      scoring: scoring ?? special?.scoring ?? row.scoring ?? "pointwise",
      scoreKind: said.score_kind,
      billing: said.billing,
      fingerprint: [
        elsewhere ? `${row.name}-like` : row.name,
        model,
        ...(revision === undefined ? [] : [revision]),
      ].join(" "),
      limits: limitsOf(elsewhere ? (elsewhere.limits ?? {}) : { ...row.limits, ...special?.limits }),
      ...(price && { price: priceOf(price) }),
      ...warningsOf(special, model),
    },
  };
}

function warningsOf(special: RowModel | undefined, model: string): Pick<Profile, "warnings"> {
  return special?.deprecated === undefined
    ? {}
    : { warnings: [`the model ${model} is deprecated: ${special.deprecated}`] };
}
