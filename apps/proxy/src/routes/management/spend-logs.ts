import { daysOfZone } from "@dheera-ai/teams";

import { invalidField } from "../../formats/read-fields.ts";
import { spendDeletionBody } from "../../management/bodies/spend-bodies.ts";
import type { Call } from "../../management/call.ts";
import { csvResponse, csvText } from "../../management/spend/csv.ts";
import { dayAfter, dayBegin } from "../../management/spend/days.ts";
import { findLogs, logAnswer, logColumns } from "../../management/spend/spend-rows.ts";
import { sumSpend } from "../../management/spend/spend-sums.ts";
import { askedSpend, askedTimeZone, bookedKey, visibleSpend } from "../../management/spend/visible-spend.ts";

/**
 * `GET /spend/logs`: the answers that were booked, the latest first. As with LiteLLM, with both dates and without `summarize=false`
 * sums of each day.
 */
export async function spendLogs(call: Call): Promise<object> {
  const { query } = call;
  const hasDays = query.text("start_date") !== undefined && query.text("end_date") !== undefined;
  const isSummary = hasDays && query.text("request_id") === undefined && query.text("summarize") !== "false";
  if (isSummary) return summary(call);
  const { logs } = await pageOfLogs(call, 1_000);
  return logs instanceof Response ? logs : [...logs];
}

/** `GET /spend/logs/v2`: by pages. */
export async function spendLogsByPage(call: Call): Promise<object> {
  const { logs, ...page } = await pageOfLogs(call, 50);
  return logs instanceof Response ? logs : { data: logs, ...page };
}

async function pageOfLogs(
  call: Call,
  otherwise: number,
): Promise<{ logs: readonly object[] | Response; total: number }> {
  const { query, teams } = call;
  const isTable = query.choice("format", ["json", "csv"]) === "csv";
  const page = query.whole("page", { least: 1, most: 1_000_000, otherwise: 1 });
  const size = query.whole("page_size", { least: 1, most: mostLogs, otherwise: isTable ? mostLogs : otherwise });
  const [from, to] = [query.day("start_date"), query.day("end_date")];
  const timeZone = askedTimeZone(call) ?? "UTC";
  const filter = {
    ...(await visibleSpend(call)),
    id: query.text("request_id"),
    ...(from !== undefined && { from: daysOfZone(timeZone, from, from)[0]?.from ?? dayBegin(from) }),
    ...(to !== undefined && { to: (daysOfZone(timeZone, to, to)[0]?.to ?? dayAfter(to)) - 1 }),
  };
  const { rows, total } = await findLogs(teams, filter, { page, size });
  const logs = rows.map(logAnswer);
  const paging = { total, page, page_size: size, total_pages: Math.ceil(total / size) };
  if (!isTable) return { logs, ...paging };
  const text = csvText(
    logColumns,
    logs.map((log) => logColumns.map((name) => log[name])),
  );
  return { logs: csvResponse(call, "spend-logs", text), ...paging };
}

/** Rows of one page. */
const mostLogs = 10_000;

async function summary(call: Call): Promise<object> {
  const filter = await askedSpend(call);
  const sums = await sumSpend(call.teams, ["day", "user_id", "model"], filter);
  const days = Map.groupBy(sums, ({ of: { day } }) => day);
  return [...days].map(([day, ofDay]) => ({
    startTime: day,
    spend: ofDay.reduce((sum, { figures }) => sum + figures.spend, 0),
    users: spendBy(ofDay, "user_id"),
    models: spendBy(ofDay, "model"),
  }));
}

function spendBy(sums: Awaited<ReturnType<typeof sumSpend>>, column: "user_id" | "model"): Record<string, number> {
  const spend = new Map<string, number>();
  for (const { of, figures } of sums) spend.set(of[column], (spend.get(of[column]) ?? 0) + figures.spend);
  return Object.fromEntries(spend);
}

/** `POST /spend/logs/delete`: answers of a key or a team. Sums of days and budgets stay. */
export async function deleteSpendLogs(call: Call): Promise<object> {
  const { key, team_id: teamId, before } = await call.body(spendDeletionBody);
  call.authorize("delete", { kind: "spend" });
  const isKey = typeof key === "string";
  if (isKey === (typeof teamId === "string")) throw invalidField("key", "give either key or team_id");
  const id = isKey ? await bookedKey(call, key) : String(teamId);
  const until = typeof before === "string" ? Date.parse(before) : undefined;
  const forgotten = { kind: isKey ? "key" : "team", id, before: until } as const;
  const deleted = await call.teams.spending.remove(call.actor, forgotten);
  return {
    api_key: isKey ? id : null,
    team_id: isKey ? null : id,
    before: until === undefined ? null : new Date(until).toISOString(),
    deleted_logs: deleted,
  };
}
