import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { type Format, format, text } from "../command-line/values.ts";
import { UsageError } from "../errors.ts";
import { type MeasureOptions, measureOptions, measureSchema } from "../measuring/measure-options.ts";

export interface CalibrateOptions extends MeasureOptions {
  readonly model: string;
  readonly method: "isotonic" | "platt";
  readonly unjudged: "not_relevant" | "leave_out";
  readonly out?: string;
  readonly output?: Format;
}

const { config, ...others } = measureOptions;

export const calibrate = defineCommand<CalibrateOptions>({
  name: "calibrate",
  summary: "Learn from judged queries how a model's scores become probabilities",
  usage: ["FOLDER --model NAME [--config FILE] [--method platt|isotonic] [--out FILE]"],
  operands: "FOLDER",
  options: {
    config,
    model: { short: "m", value: "NAME", help: "the model name, or <provider>/<model>" },
    method: { value: "HOW", help: "platt: a sigmoid, for few labels; isotonic: any rising curve (platt)" },
    unjudged: { value: "WHAT", help: "documents without a judgement: not_relevant or leave_out (not_relevant)" },
    out: { value: "FILE", help: "write it here, for calibration: FILE in the configuration" },
    ...others,
    output: { value: "FORMAT", help: "table or json (table on a terminal)" },
  },
  schema: v.object({
    ...measureSchema,
    model: text,
    method: v.optional(v.picklist(["isotonic", "platt"], "wants platt or isotonic"), "platt"),
    unjudged: v.optional(v.picklist(["not_relevant", "leave_out"], "wants not_relevant or leave_out"), "not_relevant"),
    out: v.optional(text),
    output: v.optional(format),
  }),
  examples: ["dheera_ai calibrate examples/town-guide --model bm25/default --out bm25.calibration.json"],
  async run({ options, operands }, terminal) {
    const [folder, ...more] = operands;
    if (folder === undefined || more.length > 0)
      throw new UsageError("calibrate wants one folder or file of judged queries: dheera_ai calibrate FOLDER");
    const { runCalibration } = await import("../measuring/run-calibration.ts");
    return runCalibration(folder, options, terminal);
  },
});
