import type { Dimension } from "@dheera-ai/teams";

import type { Call } from "../../management/call.ts";
import { type KeyNames, aliasesOfTeams, namesOfKeys } from "../../management/rows/names-of.ts";
import { type Figures, type SpendOf, type SpendSum, sumSpend } from "../../management/spend/spend-sums.ts";
import { askedSpend } from "../../management/spend/visible-spend.ts";

/** What one day holds of one key, team, model or provider. */
interface Part {
  readonly metrics: Metrics;
  readonly metadata: Partial<KeyNames> & { readonly team_alias?: string | null };
}

interface Metrics extends Figures {
  readonly successful_requests: number;
}

/** `GET /user/daily/activity`: what was served on each day, and for whom. The latest day first, a page of days. */
export async function dailyActivity(call: Call): Promise<object> {
  const { teams, query } = call;
  const page = query.whole("page", { least: 1, most: 1_000_000, otherwise: 1 });
  const size = query.whole("page_size", { least: 1, most: 1_000, otherwise: 50 });
  const filter = await askedSpend(call);
  const days = (await sumSpend(teams, ["day"], filter)).toReversed();
  const shown = days.slice((page - 1) * size, page * size);
  const [first, last] = [shown.at(-1)?.of.day, shown[0]?.of.day];
  const within = { ...filter, from: first ?? filter.from, to: last ?? filter.to };
  const isEmpty = shown.length === 0;
  const byPart = async (column: Dimension): Promise<readonly SpendSum[]> =>
    isEmpty ? [] : dearestByDay(call, column, within);
  const [keys, ofTeams, models, providers, [whole]] = await Promise.all([
    byPart("key_hash"),
    byPart("team_id"),
    byPart("model"),
    byPart("provider"),
    sumSpend(teams, [], filter),
  ]);
  const [names, aliases] = await Promise.all([
    namesOfKeys(teams, idsOf(keys, "key_hash")),
    aliasesOfTeams(teams, idsOf(ofTeams, "team_id")),
  ]);
  return {
    results: shown.map(({ of: { day }, figures }) => ({
      date: day,
      metrics: metricsOf(figures),
      breakdown: {
        models: partsOf(models, day, "model", () => ({})),
        providers: partsOf(providers, day, "provider", () => ({})),
        api_keys: partsOf(keys, day, "key_hash", (id) => ({ ...names.get(id) })),
        teams: partsOf(ofTeams, day, "team_id", (id) => ({ team_alias: aliases.get(id) ?? null })),
      },
    })),
    metadata: {
      ...(whole && totalsOf(whole.figures)),
      page,
      total_pages: Math.ceil(days.length / size),
      has_more: page * size < days.length,
    },
  };
}

/** `GET /global/activity`: requests and tokens of each day. */
export async function globalActivity(call: Call): Promise<object> {
  const sums = await sumSpend(call.teams, ["day"], await askedSpend(call));
  return {
    daily_data: sums.map(({ of, figures }) => ({ date: of.day, ...figures })),
    sum_api_requests: sums.reduce((sum, { figures }) => sum + figures.api_requests, 0),
    sum_total_tokens: sums.reduce((sum, { figures }) => sum + figures.total_tokens, 0),
  };
}

/** Of keys, teams, models or providers those of the most spend are shown by day; the figures of days are of all. */
const mostParts = 200;

async function dearestByDay(call: Call, column: Dimension, filter: SpendOf): Promise<readonly SpendSum[]> {
  const all = await sumSpend(call.teams, [column], filter);
  const asked = all
    .filter(({ of }) => of[column] !== "")
    .toSorted(
      (one, other) => other.figures.spend - one.figures.spend || other.figures.api_requests - one.figures.api_requests,
    )
    .slice(0, mostParts)
    .map(({ of }) => of[column]);
  return asked.length === 0 ? [] : sumSpend(call.teams, ["day", column], { ...filter, [column]: asked });
}

function partsOf(
  sums: readonly SpendSum[],
  day: string,
  column: Dimension,
  metadataOf: (id: string) => Part["metadata"],
): Readonly<Record<string, Part>> {
  return Object.fromEntries(
    sums
      .filter(({ of }) => of.day === day)
      .map(({ of, figures }) => [of[column], { metrics: metricsOf(figures), metadata: metadataOf(of[column]) }]),
  );
}

function metricsOf(figures: Figures): Metrics {
  return { ...figures, successful_requests: figures.api_requests - figures.failed_requests };
}

function totalsOf(figures: Figures): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(metricsOf(figures)).map(([name, value]) => [`total_${name}`, value]));
}

function idsOf(sums: readonly SpendSum[], column: Dimension): readonly string[] {
  return [...new Set(sums.map(({ of }) => of[column]))];
}
