import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import { sum, text } from "../calls/values.ts";
import { type Figures, nothing, plus } from "./figures.ts";

export interface DayFigures extends Figures {
  /** `2026-11-27` */
  readonly day: string;
}

/** The part of one key, team or model. */
export interface Part extends Figures {
  readonly id: string;
  readonly name: string;
}

/** What was served on each day of a time, and for whom. */
export interface Activity {
  readonly days: readonly DayFigures[];
  readonly keys: readonly Part[];
  readonly teams: readonly Part[];
  readonly models: readonly Part[];
  readonly providers: readonly Part[];
  /** What the proxy says of them: that not all of the time is there. */
  readonly notes: readonly string[];
}

export interface ActivityFilter {
  readonly api_key?: string;
  readonly team_id?: string;
  readonly user_id?: string;
  readonly organization_id?: string;
  /** In whose days; UTC when absent. */
  readonly timezone?: string;
}

const metrics = v.object({
  spend: sum,
  api_requests: sum,
  failed_requests: sum,
  saved_spend: sum,
  unknown_cost_requests: sum,
});

const names = v.object({ key_alias: text, key_name: text, team_alias: text });
const parts = v.nullish(v.record(v.string(), v.object({ metrics, metadata: v.nullish(names) })));

const activityPage = v.object({
  warnings: v.nullish(v.array(v.string()), []),
  results: v.array(
    v.object({
      date: v.string(),
      metrics,
      breakdown: v.nullish(v.object({ models: parts, providers: parts, api_keys: parts, teams: parts })),
    }),
  ),
});

/** @param from first day @param to last day */
export async function activityOf(
  client: ManagementClient,
  from: string,
  to: string,
  filter: ActivityFilter = {},
): Promise<Activity> {
  const query = { ...filter, start_date: from, end_date: to, page_size: 1_000 };
  const { results, warnings } = await client.read("user/daily/activity", activityPage, query);
  return {
    days: results.map(({ date, metrics: figures }) => ({ day: date.slice(0, 10), ...asFigures(figures) })),
    keys: partsOf(results.map(({ breakdown }) => breakdown?.api_keys)),
    teams: partsOf(results.map(({ breakdown }) => breakdown?.teams)),
    models: partsOf(results.map(({ breakdown }) => breakdown?.models)),
    providers: partsOf(results.map(({ breakdown }) => breakdown?.providers)),
    notes: warnings ?? [],
  };
}

/** Those of all days together, dearest first, and among equals those with most requests. */
function partsOf(days: readonly v.InferOutput<typeof parts>[]): readonly Part[] {
  const sums = new Map<string, Part>();
  for (const day of days)
    for (const [id, { metrics: figures, metadata }] of Object.entries(day ?? {})) {
      const known = sums.get(id);
      const name = metadata?.key_alias ?? metadata?.team_alias ?? metadata?.key_name ?? known?.name ?? id;
      sums.set(id, { ...plus(known ?? nothing, asFigures(figures)), id, name });
    }
  return [...sums.values()].toSorted(
    (one, other) => other.spend - one.spend || other.requests - one.requests || (one.id < other.id ? -1 : 1),
  );
}

function asFigures(given: v.InferOutput<typeof metrics>): Figures {
  return {
    spend: given.spend,
    requests: given.api_requests,
    errors: given.failed_requests,
    saved: given.saved_spend,
    unknown: given.unknown_cost_requests,
  };
}
