import { createHash } from "node:crypto";
import * as v from "valibot";

import { text } from "../../command-line/values.ts";
import { type Field, type Fields, name, timeZone } from "../fields.ts";

const day = (parameter: string, help: string): Field => ({
  parameter,
  option: { value: "DAY", help },
  schema: v.pipe(text, v.regex(/^\d{4}-\d\d-\d\d$/, "wants a day such as 2026-11-27")),
});

/** Whose spend, and of which days. */
export const spendFilters: Fields = {
  start_date: day("start_date", "from this day on"),
  end_date: day("end_date", "to the end of this day"),
  timezone: {
    parameter: "timezone",
    option: { value: "ZONE", help: "the time zone in which days begin, such as Europe/Berlin (UTC)" },
    schema: timeZone,
  },
  team: name("team_id", "TEAM", "what this team spent"),
  user: name("user_id", "USER", "what this user spent"),
  organization: name("organization_id", "ORGANIZATION", "what this organization spent"),
  key: {
    parameter: "api_key",
    option: { value: "KEY", help: "what this key spent: itself, or its hash" },
    // A key in an address would stand in the logs of servers between.
    schema: v.pipe(text, v.transform(hashOfKey)),
  },
};

/** @param given a key, or a hash already */
export function hashOfKey(given: string): string {
  return /^[0-9a-f]{64}$/i.test(given) ? given : createHash("sha256").update(given).digest("hex");
}
