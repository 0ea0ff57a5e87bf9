import { writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";

import { type LearnedCalibration, learnCalibration } from "@dheera-ai/eval";

import type { CalibrateOptions } from "../commands/calibrate.ts";
import { drawCalibration } from "../drawing/calibration-table.ts";
import { fit } from "../drawing/fit.ts";
import { Failure } from "../errors.ts";
import { withProgress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import { openMeasurement, requireWritable } from "./open-measurement.ts";

/** Learns, writes and prints a calibration. @returns the exit code */
export async function runCalibration(folder: string, options: CalibrateOptions, terminal: Terminal): Promise<number> {
  const { model, method, unjudged, out } = options;
  await requireWritable("--out", out);
  await using measurement = await openMeasurement(
    { folder, models: [model], uncalibrated: [model] },
    options,
    terminal,
  );
  const learned = await withProgress(terminal, measurement.describe, () =>
    learnCalibration({ ...measurement.options, method, unjudged }),
  );
  return present(learned, options, terminal);
}

async function present(
  learned: LearnedCalibration,
  { config: file, out, output: format_ }: CalibrateOptions,
  { output, printError, stop }: Terminal,
): Promise<number> {
  // Of a part of the queries, which nobody asked for, no file is made.
  if (stop.aborted)
    throw new Failure(`${learned.stopped}; what was ranked is kept, and the same command goes on from there`);
  if (out !== undefined) await writeFile(out, `${JSON.stringify(learned.calibration, undefined, 2)}\n`);
  for (const warning of learned.warnings) printError(`warning: ${fit(warning, 1_000)}`);
  if (learned.stopped !== undefined) printError(`warning: ${learned.stopped}`);
  const isTable = (format_ ?? (output.interactive ? "table" : "json")) === "table";
  output.print(isTable ? drawCalibration(learned, placeOf(out, file), output) : JSON.stringify(learned, undefined, 2));
  return 0;
}

/** A configuration names files from its own folder. */
function placeOf(out: string | undefined, configuration: string | undefined): string | undefined {
  return out === undefined || configuration === undefined ? out : relative(dirname(configuration), out);
}
