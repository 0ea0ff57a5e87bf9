import * as v from "valibot";

const units = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;

/** `30s`, `15m`, `24h`, `30d`, `2w`, and for budgets `1mo`. */
const form = /^[1-9]\d{0,5}(s|m|h|d|w|mo)$/;

/** A time as LiteLLM writes it. */
export function duration(description: string): v.GenericSchema<string, string> {
  return v.pipe(
    v.string("must be a time such as 30d"),
    v.regex(form, "must be a whole number and a unit: 30s, 15m, 24h, 30d, 2w, 1mo"),
    v.description(description),
  );
}

/** The time after which a budget begins anew: each one in which something is spent is a row that is kept for months. */
export function budgetDuration(description: string): v.GenericSchema<string, string> {
  return v.pipe(
    duration(description),
    v.check((text) => after(0, text) >= shortestBudget, "must be an hour or longer: 1h, 24h, 30d, 1mo"),
  );
}

const shortestBudget = 3_600_000;

/** Milliseconds after `now` that the time is over; months are those of the calendar in UTC. */
export function after(now: number, text: string): number {
  const [, count = "", unit = ""] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
  if (unit === "mo") {
    const date = new Date(now);
    const day = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() + Number(count));
    // The 31st of a month that has 30 days is its last one.
    const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    date.setUTCDate(Math.min(day, last));
    return date.getTime();
  }
  return now + Number(count) * 1_000 * secondsOf(unit);
}

function secondsOf(unit: string): number {
  for (const [name, seconds] of Object.entries(units)) if (name === unit) return seconds;
  return 0;
}
