import { daysOfZone, type Dimension, toDollars } from "@dheera-ai/teams";

import type { Call } from "../../management/call.ts";
import { csvResponse, csvText } from "../../management/spend/csv.ts";
import { aliasesOfTeams, namesOfKeys } from "../../management/rows/names-of.ts";
import { type Figures, type SpendOf, type SpendSum, sumSpend } from "../../management/spend/spend-sums.ts";
import { askedDays, askedSpend, visibleSpend } from "../../management/spend/visible-spend.ts";

/** `GET /global/spend/report`: sums of each day, or of each key, with the models within. */
export async function spendReport(call: Call): Promise<object> {
  const group = call.query.choice("group_by", ["team", "api_key", "user", "model", "provider"]) ?? "team";
  const column = columnOf[group];
  const filter = await askedSpend(call);
  if (call.query.choice("format", ["json", "csv"]) === "csv") return table(call, filter, column);
  if (group === "api_key") return keyReport(call, filter);
  const sums = await sumSpend(call.teams, [...new Set<Dimension>(["day", column, "model", "key_hash"])], filter);
  const aliases =
    group === "team" ? await aliasesOfTeams(call.teams, idsOf(sums, "team_id")) : new Map<string, string>();
  const nameOne = (id: string): object => {
    const given = id === "" ? null : id;
    return group === "team" ? { team_id: given, team_name: teamName(id, aliases) } : { [group]: given };
  };
  return [...Map.groupBy(sums, ({ of }) => of.day)].map(([day, ofDay]) => ({
    group_by_day: day,
    [listOf[group]]: [...Map.groupBy(ofDay, ({ of }) => of[column])].map(([id, ofOne]) =>
      Object.assign(nameOne(id), { total_spend: total(ofOne, "spend"), metadata: ofOne.map(ofModel) }),
    ),
  }));
}

function ofModel({ of, figures }: SpendSum): object {
  return { model: of.model, api_key: of.key_hash, ...figures };
}

function teamName(id: string, aliases: ReadonlyMap<string, string>): string {
  return aliases.get(id) ?? (id === "" ? "Unassigned" : id);
}

const columnOf = {
  team: "team_id",
  api_key: "key_hash",
  user: "user_id",
  model: "model",
  provider: "provider",
} as const satisfies Record<string, Dimension>;

const listOf = { team: "teams", user: "users", model: "models", provider: "providers" } as const;

async function keyReport(call: Call, filter: SpendOf): Promise<object> {
  const sums = await sumSpend(call.teams, ["key_hash", "model"], filter);
  const names = await namesOfKeys(call.teams, idsOf(sums, "key_hash"));
  const keys = [...Map.groupBy(sums, ({ of }) => of.key_hash)].map(([id, ofKey]) => ({
    api_key: id,
    key_alias: names.get(id)?.key_alias ?? null,
    total_cost: total(ofKey, "spend"),
    total_tokens: total(ofKey, "total_tokens"),
    model_details: ofKey.map(({ of, figures }) => ({
      model: of.model,
      total_cost: figures.spend,
      total_tokens: figures.total_tokens,
    })),
  }));
  return keys.toSorted((one, other) => other.total_cost - one.total_cost);
}

const figureNames = [
  "spend",
  "saved_spend",
  "api_requests",
  "failed_requests",
  "unknown_cost_requests",
  "documents",
  "cached_documents",
  "total_tokens",
] as const satisfies readonly (keyof Figures)[];

async function table(call: Call, filter: SpendOf, column: Dimension): Promise<Response> {
  const columns = [...new Set<Dimension>(["day", column, "model"])];
  const sums = await sumSpend(call.teams, columns, filter);
  const [aliases, names] = await Promise.all([
    aliasesOfTeams(call.teams, column === "team_id" ? idsOf(sums, "team_id") : []),
    namesOfKeys(call.teams, column === "key_hash" ? idsOf(sums, "key_hash") : []),
  ]);
  const text = csvText(
    [...columns, "name", ...figureNames],
    sums.map(({ of, figures }) =>
      columns
        .map((name): unknown => of[name])
        .concat(aliases.get(of.team_id) ?? names.get(of.key_hash)?.key_alias ?? "")
        .concat(figureNames.map((name) => figures[name])),
    ),
  );
  return csvResponse(call, "spend-report", text);
}

/** `GET /global/spend`: of all days that are asked for together. */
export async function globalSpend(call: Call): Promise<object> {
  const [sum] = await sumSpend(call.teams, [], await askedSpend(call));
  return { ...sum?.figures, max_budget: null };
}

/** `GET /global/spend/logs`: of each day. */
export async function spendOfDays(call: Call): Promise<object> {
  const sums = await sumSpend(call.teams, ["day"], await askedSpend(call));
  return sums.map(ofDate);
}

function ofDate({ of, figures }: SpendSum): object {
  return { date: of.day, ...figures };
}

/** `GET /global/spend/keys`: of each key, the dearest first. */
export async function spendOfKeys(call: Call): Promise<object> {
  const sums = await dearest(call, "key_hash");
  const names = await namesOfKeys(call.teams, idsOf(sums, "key_hash"));
  return sums.map(({ of, figures }) => ({
    api_key: of.key_hash,
    key_alias: names.get(of.key_hash)?.key_alias ?? null,
    key_name: names.get(of.key_hash)?.key_name ?? null,
    total_spend: figures.spend,
  }));
}

/** `GET /spend/keys`: the same under the names of LiteLLM's rows of keys. */
export async function spendOfKeyRows(call: Call): Promise<object> {
  const sums = await dearest(call, "key_hash");
  const names = await namesOfKeys(call.teams, idsOf(sums, "key_hash"));
  return sums.map(({ of, figures }) => ({
    token: of.key_hash,
    key_alias: names.get(of.key_hash)?.key_alias ?? null,
    key_name: names.get(of.key_hash)?.key_name ?? null,
    team_id: names.get(of.key_hash)?.team_id ?? null,
    spend: figures.spend,
  }));
}

/** `GET /spend/users`: of each user, the dearest first. */
export async function spendOfUsers(call: Call): Promise<object> {
  const sums = (await dearest(call, "user_id")).filter(({ of }) => of.user_id !== "");
  return sums.map(({ of, figures }) => ({ user_id: of.user_id, spend: figures.spend }));
}

/** `GET /spend/tags`: of each tag, the dearest first. An answer with two tags counts for both. */
export async function spendOfTags(call: Call): Promise<object> {
  const sums = await sumsOfTags(call);
  return sums.map(({ tag, requests, spend }) => ({
    individual_request_tag: tag,
    log_count: requests,
    total_spend: spend,
  }));
}

/** `GET /global/spend/tags`: the same in the shape of LiteLLM's page. */
export async function globalSpendOfTags(call: Call): Promise<object> {
  const sums = await sumsOfTags(call);
  return { spend_per_tag: sums.map(({ tag, requests, spend }) => ({ name: tag, spend, log_count: requests })) };
}

/** @returns those of `?tags=`, separated by commas, or of all */
async function sumsOfTags(call: Call): Promise<readonly TagSum[]> {
  const asked = call.query.text("tags", 10_000)?.split(",");
  const limit = call.query.whole("limit", { least: 1, most: 10_000, otherwise: 10_000 });
  const { from, to, timeZone = "UTC" } = askedDays(call);
  const days = daysOfZone(timeZone, from, to);
  const filter = { ...(await visibleSpend(call)), from: days[0]?.from ?? 0, to: (days.at(-1)?.to ?? 0) - 1 };
  const sums = await call.teams.spending.reports.tags(filter, limit, asked);
  return sums.map(({ tag, requests, cost }) => ({ tag, requests, spend: toDollars(cost) }));
}

interface TagSum {
  readonly tag: string;
  readonly requests: number;
  /** US dollars. */
  readonly spend: number;
}

/** `GET /global/spend/models`: of each model, the dearest first. */
export async function spendOfModels(call: Call): Promise<object> {
  return (await dearest(call, "model")).map(({ of, figures }) => ({ model: of.model, total_spend: figures.spend }));
}

/** `GET /global/spend/provider`: of each provider, the dearest first. */
export async function spendOfProviders(call: Call): Promise<object> {
  return (await dearest(call, "provider")).map(({ of, figures }) => ({ provider: of.provider, spend: figures.spend }));
}

/** `GET /global/spend/teams`: of each team on each day. */
export async function spendOfTeams(call: Call): Promise<object> {
  const sums = await sumSpend(call.teams, ["day", "team_id"], await askedSpend(call));
  const aliases = await aliasesOfTeams(call.teams, idsOf(sums, "team_id"));
  const byTeam = Map.groupBy(sums, ({ of }) => of.team_id);
  const names = distinctNames([...byTeam.keys()], aliases);
  const nameOf = (id: string): string => names.get(id) ?? id;
  const totals = [...byTeam].map(([id, ofTeam]) => ({ team_id: nameOf(id), total_spend: total(ofTeam, "spend") }));
  return {
    daily_spend: [...Map.groupBy(sums, ({ of }) => of.day)].map(([date, ofDay]) =>
      Object.fromEntries([
        ["date", date] as const,
        ...ofDay.map(({ of, figures }) => [nameOf(of.team_id), figures.spend] as const),
      ]),
    ),
    teams: totals.map(({ team_id }) => team_id),
    total_spend_per_team: totals.toSorted((one, other) => other.total_spend - one.total_spend),
  };
}

/**
 * The names of teams where names alone tell them apart: who may rename a team must not make its spend look like another's. The id is added
 * to names that several have, that are another team's id, or that mean something else beside names of teams.
 */
function distinctNames(ids: readonly string[], aliases: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const uses = new Map([["date", 1]]);
  // Of who has no team, whose name is nobody's choice.
  if (!ids.includes("")) uses.set(teamName("", aliases), 1);
  for (const id of ids)
    for (const name of new Set([id, teamName(id, aliases)])) uses.set(name, (uses.get(name) ?? 0) + 1);
  const isPlain = (id: string): boolean => id === "" || uses.get(teamName(id, aliases)) === 1;
  const taken = new Set(["date", ...ids.filter(isPlain).map((id) => teamName(id, aliases))]);
  const names = ids.map((id) => {
    let name = teamName(id, aliases);
    // A name may itself look like one with an id.
    if (!isPlain(id))
      do name = `${name} (${id})`;
      while (taken.has(name));
    taken.add(name);
    return [id, name] as const;
  });
  return new Map(names);
}

async function dearest(call: Call, column: Dimension): Promise<readonly SpendSum[]> {
  const limit = call.query.whole("limit", { least: 1, most: 10_000, otherwise: 10_000 });
  const sums = await sumSpend(call.teams, [column], await askedSpend(call));
  return sums.toSorted((one, other) => other.figures.spend - one.figures.spend).slice(0, limit);
}

function total(sums: readonly SpendSum[], name: keyof Figures): number {
  return sums.reduce((sum, { figures }) => sum + figures[name], 0);
}

function idsOf(sums: readonly SpendSum[], column: Dimension): readonly string[] {
  return [...new Set(sums.map(({ of }) => of[column]))].filter(Boolean);
}
