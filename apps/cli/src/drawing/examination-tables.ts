import type { Examination, Reached, Unreached } from "../doctor/examination.ts";
import type { Output } from "../terminal.ts";
import { fit } from "./fit.ts";
import { type Paint, painter } from "./painter.ts";
import { type Column, drawTable } from "./table.ts";

/** What the doctor found, as tables: the state of each deployment, its speed, and what to change. */
export function drawExaminations(
  examinations: readonly Examination[],
  output: Pick<Output, "color" | "width">,
): string {
  const paint = painter(output.color);
  const named = examinations.map((one) => ({ ...one, model_name: fit(nameOf(one, examinations), 32) }));
  const reached = named.filter((one) => one.reachable);
  const measured = reached.filter(({ throughput }) => throughput.length > 0);
  return [
    drawStates(named, paint, output.width),
    drawFailures(
      named.filter((one) => !one.reachable),
      paint,
    ),
    measured.length > 0 ? drawThroughput(measured, paint, output.width) : [],
    ...reached.map((one) => drawSettings(one, paint, output.width)),
    drawRecommendations(reached, paint),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** Replicas share a model name, so that only their ids distinguish them. */
function nameOf({ model_name, deployment }: Examination, all: readonly Examination[]): string {
  return all.filter((other) => other.model_name === model_name).length > 1 ? deployment : model_name;
}

function drawStates(examinations: readonly Examination[], paint: Paint, width: number): string[] {
  const columns: Column[] = [
    { heading: "model", style: (cell) => paint("bold", cell) },
    { heading: "state", style: (cell) => paint(stateStyles[cell.trim()] ?? "dim", cell) },
    { heading: "server" },
    { heading: "key" },
    { heading: "scores" },
    { heading: "a call", align: "right" },
    { heading: "tokens", align: "right" },
    { heading: "in flight", align: "right" },
  ];
  return drawTable(columns, examinations.map(describeState), (text) => paint("dim", text), width);
}

const stateStyles: Readonly<Record<string, "green" | "yellow" | "red">> = {
  warm: "green",
  cold: "yellow",
  unreachable: "red",
};

function describeState(one: Examination): string[] {
  if (!one.reachable) return [one.model_name, "unreachable", fit(one.api_base ?? one.model, 36), one.auth];
  const { documents_per_call, tokens_per_document, documents_in_flight } = one.limits;
  const limits = [documents_per_call, tokens_per_document, documents_in_flight].map(
    (limit) => limit?.toString() ?? unknown,
  );
  return [
    one.model_name,
    one.state,
    fit(one.server ?? one.api_base ?? one.model, 36),
    one.auth,
    one.score_kind,
    ...limits,
  ];
}

function drawFailures(unreached: readonly Unreached[], paint: Paint): string[] {
  return unreached.map(({ model_name, error }) => `${paint("red", model_name)}: ${error.message}`);
}

function drawThroughput(measured: readonly Reached[], paint: Paint, width: number): string[] {
  const sizes = measured[0]?.throughput.map(({ documents }) => documents) ?? [];
  const columns: Column[] = [
    { heading: "documents a second, in requests of", style: (cell) => paint("bold", cell) },
    ...sizes.map((size): Column => ({ heading: String(size), align: "right" })),
    { heading: "first answer", align: "right" },
    { heading: "same scores again" },
  ];
  const rows = measured.map((one) => [
    one.model_name,
    ...one.throughput.map(({ documents_per_second }) => String(Math.round(documents_per_second))),
    `${Math.round(one.first_answer_ms)} ms`,
    describeRepeatability(one.score_difference),
  ]);
  return drawTable(columns, rows, (text) => paint("dim", text), width);
}

/** What a model on this machine does with other weights and fewer threads. */
function drawSettings({ model_name, settings = [] }: Reached, paint: Paint, width: number): string[] {
  if (settings.length === 0) return [];
  const columns: Column[] = [
    { heading: `${model_name} on this machine`, style: (cell) => paint("bold", cell) },
    { heading: "dtype" },
    { heading: "threads", align: "right" },
    { heading: "documents a second", align: "right" },
    { heading: "ready after", align: "right" },
    { heading: "memory", align: "right" },
    { heading: "scores differ by" },
  ];
  const rows = settings.map((one) => [
    fit(one.isCurrent ? `${one.file} (now)` : one.file, 48),
    one.dtype,
    String(one.threads),
    String(Math.round(one.documents_per_second)),
    `${one.ready_ms} ms`,
    `${one.memory_mb} MB`,
    one.isCurrent || one.score_difference === 0 ? unknown : one.score_difference.toPrecision(1),
  ]);
  return drawTable(columns, rows, (text) => paint("dim", text), width);
}

function describeRepeatability(difference: number | undefined): string {
  if (difference === undefined) return unknown;
  return difference === 0 ? "yes" : `within ${difference.toPrecision(1)}`;
}

function drawRecommendations(reached: readonly Reached[], paint: Paint): string[] {
  return reached.flatMap((one) => [
    ...one.warnings.map((warning) => `${paint("yellow", one.model_name)}: ${warning}`),
    ...one.recommendations.map((recommendation) => `${paint("cyan", one.model_name)}: ${recommendation}`),
  ]);
}

const unknown = "–";
