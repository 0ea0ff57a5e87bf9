import * as v from "valibot";

import { defineCommand } from "../../command-line/define-command.ts";
import { flag, text } from "../../command-line/values.ts";
import { confirm } from "../../confirm.ts";
import { fit } from "../../drawing/fit.ts";
import { UsageError } from "../../errors.ts";
import { openProxy } from "../ask-proxy.ts";
import { drawAnswer } from "../draw-answer.ts";
import { type Fields, optionsOf, parametersOf, schemasOf } from "../fields.ts";
import { safeJson } from "../print-json.ts";
import { formatOf, objectOptions, objectSchema, proxyOptions, proxySchema } from "../proxy-options.ts";
import { type Row, readRow } from "../rows.ts";
import { hashOfKey } from "./spend-filters.ts";

const whose: Fields = {
  key: {
    parameter: "key",
    option: { value: "KEY", help: "the answers of this key: itself, or its hash" },
    schema: v.pipe(text, v.transform(hashOfKey)),
  },
  team: {
    parameter: "team_id",
    option: { value: "TEAM", help: "the answers of this team" },
    schema: text,
  },
  before: {
    parameter: "before",
    option: { value: "DAY", help: "those of before this day, in UTC (all)" },
    schema: v.pipe(text, v.regex(/^\d{4}-\d\d-\d\d$/, "wants a day such as 2026-11-27")),
  },
};

export const spendDelete = defineCommand<Row>({
  name: "spend delete",
  summary: "Delete the answers that were booked for a key or a team; sums of days and budgets stay",
  usage: ["--key KEY|--team TEAM --api_base URL [--before DAY] [--yes]"],
  options: {
    ...optionsOf(whose),
    yes: { short: "y", help: "do not ask" },
    ...proxyOptions,
    ...objectOptions,
  },
  schema: v.object({ ...schemasOf(whose), yes: v.optional(flag), ...proxySchema, ...objectSchema }),
  examples: ["dheera_ai spend delete --team research --before 2026-11-27 --api_base http://localhost:4000"],
  async run({ options }, terminal) {
    const { output } = terminal;
    const shared = v.parse(sharedSchema, options);
    const format = formatOf(shared, output);
    const { key, team, before } = shared;
    if ((key === undefined) === (team === undefined))
      throw new UsageError("spend delete wants whose answers it deletes: either --key or --team");
    await using proxy = await openProxy(shared, terminal);
    const whom = team === undefined ? `the key ${key}` : `the team ${team}`;
    const until = before === undefined ? "" : ` of before ${before}`;
    if (!(await confirm(terminal, `Delete all answers${until} booked for ${fit(whom, 100)}?`, shared.yes === true))) {
      terminal.printError("Nothing was done.");
      return 1;
    }
    const answer = await proxy.ask("POST", "/spend/logs/delete", parametersOf(whose, options));
    const row = readRow(answer, shared.api_base);
    output.print(format === "json" ? safeJson(row, 2) : drawAnswer([{ row }], output));
    return 0;
  },
});

const sharedSchema = v.object({
  api_base: v.string(),
  api_key: v.optional(v.string()),
  key: v.optional(v.string()),
  team: v.optional(v.string()),
  before: v.optional(v.string()),
  yes: v.optional(v.boolean()),
  output: v.optional(v.picklist(["table", "json"])),
  json: v.optional(v.boolean()),
});
