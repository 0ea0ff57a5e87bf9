import * as v from "valibot";

import type { Option } from "../command-line/command.ts";
import { flag, list, text, wholeNumber } from "../command-line/values.ts";
import { UsageError } from "../errors.ts";
import type { Row } from "./rows.ts";

/** An option that becomes a field of a request. */
export interface Field {
  readonly option: Option;
  /** Checks the option before anything is sent. */
  readonly schema: v.GenericSchema<unknown, unknown>;
  /** What the proxy calls it. */
  readonly parameter: string;
}

/** By the options' names. */
export type Fields = Readonly<Record<string, Field>>;

const whole = (parameter: string, help: string): Field => ({
  parameter,
  option: { value: "N", help },
  schema: wholeNumber(0, 2_147_483_647),
});

export const name = (parameter: string, value: string, help: string): Field => ({
  parameter,
  option: { value, help },
  schema: text,
});

export const names = (parameter: string, help: string): Field => ({
  parameter,
  option: { value: "NAMES", help },
  schema: list,
});

export const toggle = (parameter: string, help: string): Field => ({ parameter, option: { help }, schema: flag });

export const choice = (parameter: string, words: readonly string[], help: string): Field => ({
  parameter,
  option: { value: "WORD", help: `${help}: ${words.join(", ")}` },
  schema: v.picklist(words, `wants ${words.join(", ")}`),
});

export const duration = (parameter: string, help: string): Field => ({
  parameter,
  option: { value: "TIME", help },
  schema: v.pipe(text, v.regex(time, "wants a whole number and a unit: 30s, 15m, 24h, 30d, 2w, 1mo")),
});

const time = /^[1-9]\d{0,5}(s|m|h|d|w|mo)$/;

/** A budget that begins anew within the hour would fill the database. */
const budgetTime = v.pipe(
  text,
  v.regex(time, "wants a whole number and a unit: 1h, 24h, 30d, 1mo"),
  v.check((given) => {
    const [, count, unit] = /^(\d+)(s|m)$/.exec(given) ?? [];
    return count === undefined || Number(count) * (unit === "m" ? 60 : 1) >= 3_600;
  }, "wants an hour or more: 1h, 24h, 30d, 1mo"),
);

const dollars = (parameter: string, help: string): Field => ({
  parameter,
  option: { value: "USD", help },
  schema: v.pipe(
    text,
    v.regex(/^\d+(\.\d+)?$/, dollarsWanted),
    v.transform(Number),
    v.maxValue(9_000_000, dollarsWanted),
  ),
});

const dollarsWanted = "wants US dollars from 0 to 9000000, such as 12.50";

/** An IANA name. */
export const timeZone: v.GenericSchema<string, string> = v.pipe(
  text,
  v.check(isTimeZone, "wants the IANA name of a time zone, such as Europe/Berlin"),
);

export const metadata: Field = {
  parameter: "metadata",
  option: { value: "JSON", help: "a JSON object to remember with it" },
  schema: v.pipe(
    text,
    v.transform(parse),
    v.custom<Row>(isObject, 'wants a JSON object, such as {"project": "search"}'),
  ),
};

/** What several may share. */
export const budgetFields: Fields = {
  max_budget: dollars("max_budget", "US dollars that may be spent in each --budget_duration"),
  soft_budget: dollars("soft_budget", "US dollars from which is warned"),
  budget_duration: {
    parameter: "budget_duration",
    option: { value: "TIME", help: "after which time the budget begins anew: 24h, 30d, 1mo (never)" },
    schema: budgetTime,
  },
  budget_time_zone: {
    parameter: "budget_time_zone",
    option: { value: "ZONE", help: "in which its days and months begin: Europe/Berlin (UTC)" },
    schema: timeZone,
  },
  rpm_limit: whole("rpm_limit", "requests a minute"),
  tpm_limit: whole("tpm_limit", "tokens a minute"),
  dpm_limit: whole("dpm_limit", "documents a minute"),
  max_parallel_requests: whole("max_parallel_requests", "requests at one time, in each process"),
};

export const limitFields: Fields = {
  models: names("models", "models that may be asked, with commas between (all)"),
  ...budgetFields,
  max_documents: whole("max_documents", "documents of one request"),
  budget: name("budget_id", "BUDGET", "a budget whose values count where there are no own ones"),
};

export const priority: Field = {
  parameter: "priority",
  option: {
    value: "N",
    help: "its share of a busy server is 1 / (1 + N); background: what no other key wants (0, the highest)",
  },
  schema: v.union(
    [v.literal("background"), wholeNumber(0, 2_147_483_647)],
    "wants a whole number from 0 on, or background",
  ),
};

export const describedFields: Fields = {
  tags: names("tags", "words by which its spend is summed up, with commas between"),
  metadata,
};

/** For changes: what is to have no value any more. */
export function clearField(fields: Fields): Fields {
  return {
    clear: {
      parameter: "clear",
      option: { value: "NAMES", help: "options of these whose values are to be taken away: max_budget,models" },
      schema: v.pipe(
        list,
        v.transform((given) => given.map((one) => one.replaceAll("-", "_"))),
        v.array(v.picklist(Object.keys(fields), `wants some of: ${Object.keys(fields).join(", ")}`)),
      ),
    },
  };
}

export function optionsOf(fields: Fields): Readonly<Record<string, Option>> {
  return Object.fromEntries(Object.entries(fields).map(([option, field]) => [option, field.option]));
}

export function schemasOf(fields: Fields): Readonly<Record<string, v.GenericSchema<unknown, unknown>>> {
  return Object.fromEntries(Object.entries(fields).map(([option, { schema }]) => [option, v.optional(schema)]));
}

/** What the options say, under the proxy's names; null where one is to be cleared. @throws UsageError */
export function parametersOf(fields: Fields, options: Row): Row {
  const given: Record<string, unknown> = {};
  for (const [option, { parameter }] of Object.entries(fields))
    if (options[option] !== undefined) given[parameter] = options[option];
  const cleared = options["clear"];
  if (!Array.isArray(cleared)) return given;
  for (const option of cleared) {
    const parameter = fields[String(option)]?.parameter;
    if (parameter === undefined) continue;
    if (given[parameter] !== undefined)
      throw new UsageError(`--clear takes ${option} away, and --${option} gives it a value; give one`);
    given[parameter] = null;
  }
  return given;
}

function isTimeZone(given: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: given }));
  } catch {
    return false;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
