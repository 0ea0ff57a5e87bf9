import { writeFile } from "node:fs/promises";

import { type EvalReport, evaluate, renderReport } from "@dheera-ai/eval";

import type { EvalOptions } from "../commands/eval.ts";
import { drawEvaluation } from "../drawing/evaluation-tables.ts";
import { fit } from "../drawing/fit.ts";
import { UsageError } from "../errors.ts";
import { withProgress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import { type Measurement, openMeasurement, requireWritable } from "./open-measurement.ts";

/** Measures, writes and prints what `dheera_ai eval` found. @returns the exit code */
export async function runEvaluation(folder: string, options: EvalOptions, terminal: Terminal): Promise<number> {
  const models = options.models && [...new Set(options.models)];
  await requireWritable("--json", options.json);
  await requireWritable("--html", options.html);
  await using measurement = await openMeasurement({ folder, models }, options, terminal);
  const report = await measure(measurement, options, terminal);
  return present(report, options, terminal);
}

function measure(measurement: Measurement, { baseline, k }: EvalOptions, terminal: Terminal): Promise<EvalReport> {
  const names = measurement.options.models.map(({ name }) => name);
  if (baseline !== undefined && !names.includes(baseline))
    throw new UsageError(`--baseline ${baseline} is not measured; it is one of ${names.join(", ")}`);
  const measures = [`ndcg@${k}`, `mrr@${k}`, `recall@${k}`, "map"];
  return withProgress(terminal, measurement.describe, () => evaluate({ ...measurement.options, baseline, measures }));
}

/** @returns the exit code: 1 where a query failed, it was interrupted, or a ceiling left nothing to measure */
async function present(
  report: EvalReport,
  options: EvalOptions,
  { output, printError, stop }: Terminal,
): Promise<number> {
  const whole = JSON.stringify(report, undefined, 2);
  if (options.json !== undefined) await writeFile(options.json, `${whole}\n`);
  if (options.html !== undefined) await writeFile(options.html, await renderReport(report));
  for (const warning of report.warnings) printError(`warning: ${fit(warning, 1_000)}`);
  const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
  output.print(isTable ? drawEvaluation(report, output) : whole);
  if (report.stopped !== undefined) printError(`dheera_ai: ${report.stopped}${howToGoOn(stop.aborted)}`);
  const hasFailed = Object.values(report.models).some(({ errors }) => errors > 0);
  const isEmpty = report.stopped !== undefined && report.sample.queries === 0;
  return hasFailed || isEmpty || stop.aborted ? 1 : 0;
}

function howToGoOn(isInterrupted: boolean): string {
  return isInterrupted
    ? "; what was ranked is kept, and the same command goes on from there"
    : "; the same command with a higher --max_cost goes on from there";
}
