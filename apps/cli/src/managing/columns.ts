import { type Row, textOf } from "./rows.ts";

/** A column of a list on a terminal: the most important ones are the first, because narrow terminals leave out the last. */
export interface ListColumn {
  readonly heading: string;
  readonly align?: "right";
  of(row: Row): string;
}

/** A field as it is. */
export function field(heading: string, name: string): ListColumn {
  return { heading, of: (row) => cellOf(row[name]) };
}

export function count(heading: string, name: string): ListColumn {
  return { heading, align: "right", of: (row) => cellOf(row[name]) };
}

/** US dollars. */
export function money(heading: string, name: string): ListColumn {
  return { heading, align: "right", of: (row) => dollars(row[name]) };
}

/** A time in UTC. */
export function time(heading: string, name: string): ListColumn {
  return { heading, of: (row) => minute(textOf(row, name)) };
}

/** How much may be spent in which time. */
export const budget: ListColumn = {
  heading: "budget",
  of(row) {
    const most = dollars(row["max_budget"]);
    const duration = textOf(row, "budget_duration");
    return most === "" || duration === "" ? most : `${most} / ${duration}`;
  },
};

/** Whether it lets anybody in. */
export const state: ListColumn = {
  heading: "state",
  of(row) {
    if (row["blocked"] === true) return "blocked";
    const expires = Date.parse(textOf(row, "expires"));
    return expires <= Date.now() ? "expired" : "active";
  },
};

export const limits: readonly ListColumn[] = [
  field("models", "models"),
  count("rpm", "rpm_limit"),
  count("tpm", "tpm_limit"),
  count("dpm", "dpm_limit"),
];

// Fields that several kinds of objects have, in the order of a spreadsheet.

export const limitNames = [
  "blocked",
  "spend",
  "max_budget",
  "soft_budget",
  "budget_duration",
  "budget_time_zone",
  "budget_reset_at",
  "budget_id",
  "models",
  "rpm_limit",
  "tpm_limit",
  "dpm_limit",
  "max_parallel_requests",
  "max_documents",
] as const;

export const writtenNames = ["tags", "metadata", "created_at", "created_by", "updated_at", "updated_by"] as const;

/** Any value in one line. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(cellOf).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** To the nanodollar, which is what is booked. */
export function dollars(value: unknown): string {
  if (typeof value !== "number") return "";
  return `$${value.toFixed(9).replace(/\.?0+$/, "")}`;
}

/** `2026-11-27 10:00Z`; a text that is no time stays as it is. */
export function minute(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:/.test(text) ? `${text.slice(0, 16).replace("T", " ")}Z` : text;
}
