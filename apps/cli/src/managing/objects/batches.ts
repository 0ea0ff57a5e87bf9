import { commandGroup } from "../../command-line/command-group.ts";
import { type ListColumn, count, dollars, field, minute } from "../columns.ts";
import type { Section } from "../draw-answer.ts";
import { listCommand } from "../list-command.ts";
import { type Subject, objectCommand } from "../object-command.ts";
import { type Row, innerOf, rowsOf, textOf } from "../rows.ts";
import { downloadBatch } from "./download-batch.ts";

const one: Subject = { operand: "BATCH", parameter: "batch_id", number: "one" };

const progress: ListColumn = {
  heading: "done",
  align: "right",
  of: (row) => {
    const { completed, failed, total } = countsOf(row);
    return `${(completed + failed).toLocaleString("en")} of ${total.toLocaleString("en")}`;
  },
};

const failed: ListColumn = {
  heading: "failed",
  align: "right",
  of: (row) => (countsOf(row).failed === 0 ? "" : countsOf(row).failed.toLocaleString("en")),
};

const list = listCommand({
  name: "batches list",
  summary: "List batches, the latest first",
  path: "/v1/batches",
  field: "data",
  followsLast: true,
  id: "id",
  filters: {},
  columns: [
    field("batch", "id"),
    field("state", "status"),
    progress,
    failed,
    { heading: "cost", align: "right", of: (row) => dollars(row["cost"]) },
    { heading: "created", of: (row) => timeOf(row["created_at"]) },
    field("waits because", "paused_for"),
    field("output", "output_file_id"),
    field("errors", "error_file_id"),
    field("endpoint", "endpoint"),
  ],
  fields: [
    "id",
    "status",
    "endpoint",
    "request_counts",
    "cost",
    "paused_for",
    "input_file_id",
    "output_file_id",
    "error_file_id",
    "completion_window",
    "created_at",
    "completed_at",
    "failed_at",
    "expires_at",
    "expired_at",
    "cancelled_at",
    "metadata",
  ],
  none: "No batches. dheera_ai batch INPUT --api_base URL makes one.",
  examples: ["dheera_ai batches list --api_base http://localhost:4000"],
});

const get = objectCommand({
  name: "batches get",
  summary: "Say how far a batch is, what it has cost, why it waits or was refused",
  method: "GET",
  path: (batch) => `/v1/batches/${batch}`,
  subject: one,
  fields: {},
  show,
  examples: ["dheera_ai batches get batch_0a1b2c --api_base http://localhost:4000"],
});

const cancel = objectCommand({
  name: "batches cancel",
  summary: "End a batch; what was ranked stays in its output",
  method: "POST",
  path: (batch) => `/v1/batches/${batch}/cancel`,
  subject: one,
  fields: {},
  question: ([batch]) => `Cancel the batch ${batch}? What has not been ranked is given up.`,
  show,
  examples: ["dheera_ai batches cancel batch_0a1b2c --yes --api_base http://localhost:4000"],
});

export const batches = commandGroup({
  name: "batches",
  summary: "Look after the batches of a running proxy",
  actions: [list, get, cancel, downloadBatch],
  examples: [
    "dheera_ai batches list --api_base http://localhost:4000",
    "dheera_ai batches download batch_0a1b2c --output ranked.jsonl --api_base http://localhost:4000",
  ],
});

function show(batch: Row): readonly Section[] {
  const { request_counts: _counts, errors: _errors, object: _object, ...others } = batch;
  const shown = Object.entries(others).map(([name, value]) => [name, shownValue(name, value)]);
  const counts = countsOf(batch);
  const row = {
    ...Object.fromEntries(shown),
    requests: counts.total,
    completed: counts.completed,
    failed: counts.failed,
  };
  const problems = rowsOf(innerOf(batch, "errors"), "data");
  return [
    { row },
    {
      title: "problems",
      columns: [count("line", "line"), field("code", "code"), field("problem", "message")],
      rows: problems,
    },
  ];
}

function shownValue(name: string, value: unknown): unknown {
  if (name.endsWith("_at")) return timeOf(value);
  return name === "cost" ? dollars(value) : value;
}

/** Seconds since the epoch, as OpenAI counts. */
function timeOf(value: unknown): string {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) < 8.64e12
    ? minute(new Date(value * 1_000).toISOString())
    : "";
}

function countsOf(batch: Row): Readonly<Record<"total" | "completed" | "failed", number>> {
  const counts = innerOf(batch, "request_counts");
  const of = (name: string): number => Number(textOf(counts, name)) || 0;
  return { total: of("total"), completed: of("completed"), failed: of("failed") };
}
