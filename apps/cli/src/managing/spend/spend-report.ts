import * as v from "valibot";

import { defineCommand } from "../../command-line/define-command.ts";
import { drawNarrowTable, hiddenLine } from "../../drawing/narrow-table.ts";
import type { Output } from "../../terminal.ts";
import { openProxy } from "../ask-proxy.ts";
import { optionsOf, parametersOf, schemasOf } from "../fields.ts";
import { printCsv } from "../list-printer.ts";
import { safeJson } from "../print-json.ts";
import { formatOf, listOptions, listSchema, proxyOptions, proxySchema } from "../proxy-options.ts";
import type { Row } from "../rows.ts";
import { spendFilters } from "./spend-filters.ts";

const groups = ["team", "api_key", "user", "model", "provider"] as const;

export const spendReport = defineCommand<Row>({
  name: "spend report",
  summary: "Sum what teams, keys or users have spent, day by day and model by model",
  usage: ["--api_base URL [--group_by team] [--start_date DAY --end_date DAY] [--json|--csv]"],
  options: {
    group_by: { value: "WHOM", help: `${groups.join(", ")} (team)` },
    ...optionsOf(spendFilters),
    ...proxyOptions,
    ...listOptions,
  },
  schema: v.object({
    group_by: v.optional(v.picklist(groups, `wants ${groups.join(", ")}`), "team"),
    ...schemasOf(spendFilters),
    ...proxySchema,
    ...listSchema,
  }),
  examples: [
    "dheera_ai spend report --api_base http://localhost:4000",
    "dheera_ai spend report --group_by api_key --csv --api_base http://localhost:4000 > spend.csv",
  ],
  async run({ options }, terminal) {
    const { output } = terminal;
    const shared = v.parse(sharedSchema, options);
    const wanted = formatOf(shared, output);
    await using proxy = await openProxy(shared, terminal);
    const answer = await proxy.ask("GET", "/global/spend/report", {
      ...parametersOf(spendFilters, options),
      group_by: shared.group_by,
      format: wanted === "json" ? "json" : "csv",
    });
    if (wanted === "table") output.print(await draw(answer, output));
    else if (wanted === "csv") printCsv(answer.replace(/\n$/, ""), output);
    else output.print(safeJson(JSON.parse(answer), 2));
    return 0;
  },
});

const sharedSchema = v.object({
  api_base: v.string(),
  api_key: v.optional(v.string()),
  group_by: v.picklist(groups),
  output: v.optional(v.picklist(["table", "json", "csv"])),
  json: v.optional(v.boolean()),
  csv: v.optional(v.boolean()),
});

async function draw(csv: string, output: Output): Promise<string> {
  const { parse: parseCsv } = await import("csv-parse/sync");
  const [names = [], ...rows] = v.parse(v.array(v.array(v.string())), parseCsv(csv, { bom: true }));
  if (rows.length === 0) return "Nothing was spent in these days.";
  // What was spent is what nobody wants to miss on a narrow terminal; names may be long.
  const order = [...names.keys()].toSorted(
    (one, other) => Number(names[one] === "name") - Number(names[other] === "name"),
  );
  const columns = order.map((at) => ({
    heading: (names[at] ?? "").replaceAll("_", " "),
    align: rows.every((row) => isNumber(row[at])) ? ("right" as const) : ("left" as const),
  }));
  const { lines, hidden } = drawNarrowTable(
    columns,
    rows.map((row) => order.map((at) => row[at] ?? "")),
    output,
  );
  return [...lines, ...hiddenLine(hidden, output)].join("\n");
}

function isNumber(cell: string | undefined): boolean {
  return cell !== undefined && cell !== "" && Number.isFinite(Number(cell));
}
