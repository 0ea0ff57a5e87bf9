import type { EvalReport, ModelReport } from "@dheera-ai/eval";

import type { Output } from "../terminal.ts";
import { conclude } from "./conclude.ts";
import { fit } from "./fit.ts";
import { painter } from "./painter.ts";
import { type Column, drawTable } from "./table.ts";

/** Below it a difference is called significant. */
export const significantBelow = 0.05;

/** What `dheera_ai eval` found: how well each model ranks, what that costs, and what follows. */
export function drawEvaluation(report: EvalReport, output: Output): string {
  const paint = painter(output.color);
  const dim = (text: string): string => paint("dim", text);
  const models = Object.entries(report.models);
  const draw = (all: readonly Column[], cellsOf: (model: ModelReport) => readonly string[]): string[] => {
    const allCells = models.map(([, model]) => cellsOf(model));
    const isUsed = (_: unknown, at: number): boolean => allCells.some((row) => row[at] !== "");
    const columns = all.filter(isUsed);
    const cells = allCells.map((row) => row.filter(isUsed));
    // What the other columns leave, so that a long name costs no line its place.
    const rest = columns.reduce(
      (sum, { heading }, at) => sum + 2 + Math.max(heading.length, ...cells.map((row) => row[at]?.length ?? 0)),
      0,
    );
    const room = Math.max(shortestName, output.width - rest);
    const rows = models.map(([name], at) => [fit(name, room), ...(cells[at] ?? [])]);
    const named = { heading: "model", style: (cell: string) => paint("bold", cell) };
    return drawTable([named, ...columns], rows, dim, output.width);
  };
  const [main = "", ...measures] = Object.keys(models[0]?.[1].metrics ?? {});
  return [
    ...describeInput(report).map(dim),
    "",
    ...draw([right(main), right("95 % interval"), right("difference"), ...measures.map(right)], (model) =>
      report.sample.queries === 0
        ? ["–", "–", "", ...measures.map(() => "–")]
        : [
            figure(model.metrics[main]),
            (model.intervals[main] ?? []).map((end) => figure(end, 3)).join("–"),
            difference(model, main),
            ...measures.map((name) => figure(model.metrics[name])),
          ],
    ),
    "",
    ...draw(
      [right("p50"), right("p99"), right("documents"), right("cost"), right("1,000 queries"), right("errors")],
      (model) => [
        time(model.latency?.p50),
        time(model.latency?.p99),
        model.documents.toLocaleString("en"),
        dollars(model.cost),
        dollars(model.cost_per_1000_queries),
        model.errors === 0 ? "" : model.errors.toLocaleString("en"),
      ],
    ),
    "",
    ...conclude(report, significantBelow).flatMap((sentence) => wrapped(sentence, output.width)),
  ].join("\n");
}

const shortestName = 12;

function right(heading: string): Column {
  return { heading, align: "right" };
}

function describeInput({ collection, sample, candidates, kept, models }: EvalReport): readonly string[] {
  const of = sample.queries === collection.queries ? "" : ` of ${count(collection.queries)}`;
  const rankings = Object.keys(models).length * sample.queries;
  return [
    `${fit(collection.name, 40)}: ${count(sample.queries)}${of} queries, ${count(collection.documents)} documents`,
    `candidates: ${count(candidates.top_k)} a query, ${fit(candidates.source, 40)}, recall ${figure(candidates.recall, 3)}`,
    ...(kept === 0 ? [] : [`${count(kept)} of ${count(rankings)} rankings were kept from before`]),
  ];
}

/** Beside the baseline; `*` where chance is unlikely to explain it. */
function difference({ compared }: ModelReport, main: string): string {
  const own = compared?.[main];
  if (own === undefined) return "";
  const sign = own.difference < 0 ? "−" : "+";
  return `${sign}${Math.abs(own.difference).toFixed(3)}${own.p_value < significantBelow ? " *" : "  "}`;
}

function figure(value: number | undefined, digits = 4): string {
  return value === undefined ? "" : value.toFixed(digits);
}

function time(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "–";
  if (milliseconds >= 9_995) return `${Math.round(milliseconds / 1_000)} s`;
  return milliseconds >= 999.5 ? `${(milliseconds / 1_000).toFixed(1)} s` : `${Number(milliseconds.toPrecision(2))} ms`;
}

function dollars(amount: number | null): string {
  if (amount === null) return "unknown";
  return amount === 0 ? "$0" : `$${amount >= 0.995 ? amount.toFixed(2) : Number(amount.toPrecision(2))}`;
}

function count(amount: number): string {
  return amount.toLocaleString("en");
}

/** Lines of whole words. */
function wrapped(sentence: string, width: number): readonly string[] {
  const lines = [""];
  for (const word of fit(sentence, 1_000).split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
