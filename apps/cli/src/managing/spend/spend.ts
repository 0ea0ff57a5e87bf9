import { commandGroup } from "../../command-line/command-group.ts";
import { spendDelete } from "./spend-delete.ts";
import { spendLogs } from "./spend-logs.ts";
import { spendReport } from "./spend-report.ts";

export const spend = commandGroup({
  name: "spend",
  summary: "Say what teams, keys and users have spent, as a running proxy has booked it, and delete single answers",
  actions: [spendReport, spendLogs, spendDelete],
  examples: ["dheera_ai spend report --api_base http://localhost:4000"],
});
