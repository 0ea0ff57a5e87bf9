import { daysOfZone, type Dimension, type Sums, type Teams, toDollars } from "@dheera-ai/teams";

import { invalidField } from "../../formats/read-fields.ts";
import { dayBegin } from "./days.ts";

/** Whose spend, and of which days, first and last. */
export interface SpendOf {
  readonly key_hash?: string | readonly string[];
  readonly team_id?: string | readonly string[];
  readonly user_id?: string | readonly string[];
  readonly organization_id?: string | readonly string[];
  readonly model?: string | readonly string[];
  readonly provider?: string | readonly string[];
  readonly from: string;
  readonly to: string;
  /** In whose days; UTC when absent. */
  readonly timeZone?: string;
}

/** Amounts are US dollars. */
export interface Figures {
  readonly spend: number;
  readonly saved_spend: number;
  readonly total_tokens: number;
  readonly documents: number;
  readonly cached_documents: number;
  readonly api_requests: number;
  readonly failed_requests: number;
  /** Their cost is not known and not in `spend`. */
  readonly unknown_cost_requests: number;
}

export interface SpendSum {
  /** Of the dimensions that were asked for; empty where there is none. */
  readonly of: Readonly<Record<Dimension, string>>;
  readonly figures: Figures;
}

/** Rows of one report: more are no report, and would fill the memory of this process. */
const mostSums = 100_000;

/**
 * Sums of what was booked, under LiteLLM's names, for each combination of what is named.
 * @throws DheeraError `invalid_request` where there are more than anybody reads
 */
export async function sumSpend(
  { spending }: Pick<Teams, "spending">,
  by: readonly Dimension[],
  { from, to, timeZone, ...owners }: SpendOf,
  most: number = mostSums,
): Promise<readonly SpendSum[]> {
  const { reports } = spending;
  const rows =
    timeZone === undefined
      ? await reports.sums({ ...owners, from: dayBegin(from), to: dayBegin(to) }, by, most + 1)
      : await reports.sumsOfDays(owners, by, daysOfZone(timeZone, from, to), most + 1);
  if (rows.length > most)
    throw invalidField(
      "start_date",
      `there are more than ${most} sums of these days; ask for fewer days, or for one key, team or user`,
    );
  return rows.map((row) => ({ of: Object.assign({}, nothing, pickTexts(row, by)), figures: figuresOf(row) }));
}

const nothing = { day: "", key_hash: "", team_id: "", user_id: "", organization_id: "", model: "", provider: "" };

function pickTexts(
  row: Readonly<Partial<Record<Dimension, string>>>,
  dimensions: readonly Dimension[],
): Partial<Record<Dimension, string>> {
  return Object.fromEntries(dimensions.map((dimension) => [dimension, row[dimension]]));
}

function figuresOf(sums: Sums): Figures {
  return {
    spend: toDollars(sums.cost),
    saved_spend: toDollars(sums.saved_cost),
    total_tokens: sums.tokens,
    documents: sums.documents,
    cached_documents: sums.cache_hits,
    api_requests: sums.requests,
    failed_requests: sums.errors,
    unknown_cost_requests: sums.unknown_costs,
  };
}
