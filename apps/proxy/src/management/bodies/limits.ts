import { DheeraError } from "@dheera-ai/core";
import type { Given, LimitColumns } from "@dheera-ai/teams";
import * as v from "valibot";

import { budgetDuration } from "./durations.ts";
import { type Clearable, dollars, id, line, lines, whole } from "./field-kinds.ts";

/** What organizations, teams, users, members and keys may be limited in. */
export interface LimitFields {
  readonly models?: Clearable<string[]>;
  readonly rpm_limit?: Clearable<number>;
  readonly tpm_limit?: Clearable<number>;
  readonly dpm_limit?: Clearable<number>;
  readonly rpm?: Clearable<number>;
  readonly tpm?: Clearable<number>;
  readonly dpm?: Clearable<number>;
  readonly max_parallel_requests?: Clearable<number>;
  readonly max_documents?: Clearable<number>;
  readonly max_budget?: Clearable<number>;
  readonly soft_budget?: Clearable<number>;
  readonly budget_duration?: Clearable<string>;
  readonly budget_time_zone?: Clearable<string>;
  readonly budget_id?: Clearable<string>;
}

const timeZone = v.pipe(
  line("IANA name of the time zone in which days and months of the budget begin: `Europe/Berlin`; UTC when absent."),
  v.check(isTimeZone, "must be the IANA name of a time zone, such as Europe/Berlin"),
);

/** Those of a budget that several may share. */
export const budgetEntries = {
  rpm_limit: v.nullish(whole("Requests a minute.")),
  tpm_limit: v.nullish(whole("Tokens a minute, as upstreams count them.")),
  dpm_limit: v.nullish(whole("Documents a minute; chunks of long documents count as documents.")),
  rpm: v.nullish(whole("The same as `rpm_limit`.")),
  tpm: v.nullish(whole("The same as `tpm_limit`.")),
  dpm: v.nullish(whole("The same as `dpm_limit`.")),
  max_parallel_requests: v.nullish(whole("Requests at one time, in each process.")),
  max_budget: v.nullish(dollars("US dollars that may be spent in each `budget_duration`.")),
  soft_budget: v.nullish(dollars("US dollars from which is warned.")),
  budget_duration: v.nullish(
    budgetDuration(
      "After which time the budget begins anew, an hour at least: `24h`, `30d`, `1mo`; once and for all when absent.",
    ),
  ),
  budget_time_zone: v.nullish(timeZone),
} as const satisfies v.ObjectEntries;

export const limitEntries = {
  ...budgetEntries,
  models: v.nullish(lines("Model names that may be asked for; all when empty or absent.", 1_000)),
  max_documents: v.nullish(whole("Documents of one request.")),
  budget_id: id("A budget that several share; its values count where there are no own ones."),
} as const satisfies v.ObjectEntries;

/** LiteLLM's names for "all models", which the owners farther from the request limit anyway. */
const allModels: ReadonlySet<string> = new Set(["all-team-models", "all-proxy-models"]);

/** The columns that a body gives; what is absent in it is absent here. */
export function limitColumns(fields: LimitFields): Given<LimitColumns> {
  const { models, rpm, tpm, dpm, ...same } = fields;
  return {
    ...pick(same, [
      "max_parallel_requests",
      "max_documents",
      "max_budget",
      "soft_budget",
      "budget_duration",
      "budget_time_zone",
      "budget_id",
    ]),
    ...oneOf("rpm_limit", same.rpm_limit, "rpm", rpm),
    ...oneOf("tpm_limit", same.tpm_limit, "tpm", tpm),
    ...oneOf("dpm_limit", same.dpm_limit, "dpm", dpm),
    ...(models !== undefined && { models: modelColumn(models) }),
  };
}

/** Null is "all models". */
export function modelColumn(models: readonly string[] | null): string | null {
  if (models === null || models.length === 0 || models.some((name) => allModels.has(name))) return null;
  return JSON.stringify(models);
}

/** The fields that are there. */
export function pick<Fields extends object, Name extends keyof Fields>(
  fields: Fields,
  names: readonly Name[],
): Partial<Pick<Fields, Name>> {
  const picked: Partial<Pick<Fields, Name>> = {};
  for (const name of names) if (fields[name] !== undefined) picked[name] = fields[name];
  return picked;
}

/** LiteLLM's name of a limit, or the one that the configuration file has. */
function oneOf<Name extends string>(
  name: Name,
  value: Clearable<number>,
  shortName: string,
  shortValue: Clearable<number>,
): { [Key in Name]?: number | null } {
  if (value !== undefined && shortValue !== undefined && value !== shortValue)
    throw new DheeraError("invalid_request", `${shortName}: says otherwise than ${name}; send one of them`, {
      param: shortName,
    });
  const given = value ?? shortValue;
  const either = given === undefined ? (value === null || shortValue === null ? null : undefined) : given;
  const column: { [Key in Name]?: number | null } = {};
  if (either !== undefined) column[name] = either;
  return column;
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}
