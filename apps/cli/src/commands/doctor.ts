import { combinationOf, isWildcard } from "@dheera-ai/core";
import { combinations } from "dheera-ai";
import * as v from "valibot";

import { type Format, format, seconds, text } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { readConfiguration } from "../configuration.ts";
import { examine } from "../doctor/examine.ts";
import type { Examination } from "../doctor/examination.ts";
import { isolate } from "../doctor/isolate.ts";
import { drawExaminations } from "../drawing/examination-tables.ts";
import { withProgress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../errors.ts";

interface DoctorOptions {
  readonly config: string;
  readonly model?: string;
  readonly timeout: number;
  readonly output?: Format;
}

export const doctor = defineCommand<DoctorOptions>({
  name: "doctor",
  summary: "Examine each deployment: reachable, limits, speed, repeatability, what to set",
  usage: ["--config FILE [--model NAME]"],
  options: {
    config: { short: "c", value: "FILE", help: "the configuration to examine" },
    model: { short: "m", value: "NAME", help: "only the deployments of this model name" },
    timeout: { value: "SECONDS", help: "for each deployment, its cold start included (120)" },
    output: { value: "FORMAT", help: "table or json (table on a terminal)" },
  },
  schema: v.object({
    config: text,
    model: v.optional(text),
    timeout: v.optional(seconds, "120"),
    output: v.optional(format),
  }),
  examples: [
    "dheera_ai doctor --config config.yaml",
    "dheera_ai doctor --config config.yaml --output json > deployments.json",
  ],
  async run({ options }, terminal) {
    const examinations = await examineAll(options, terminal);
    const { output } = terminal;
    const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    output.print(isTable ? drawExaminations(examinations, output) : JSON.stringify(examinations, undefined, 2));
    return examinations.every(({ reachable }) => reachable) ? 0 : 1;
  },
});

/** Examines one entry after another, because two entries may name the same server and would slow each other down. */
async function examineAll({ config, model, timeout }: DoctorOptions, terminal: Terminal): Promise<Examination[]> {
  const loaded = await readConfiguration(config, terminal.environment);
  const examinations: Examination[] = [];
  let isKnown = model === undefined;
  for (const [position, entry] of loaded.config.model_list.entries()) {
    const { model_name } = entry;
    if (model !== undefined && model !== model_name) continue;
    isKnown = true;
    if (combinationOf(entry, combinations)) {
      terminal.printError(`${model_name} asks other models of the configuration: they are what is examined`);
      continue;
    }
    if (isWildcard(model_name)) {
      terminal.printError(`${model_name} stands for every model that a request names: there is nothing to examine`);
      continue;
    }
    const isolated = await isolate(loaded, position, terminal.environment);
    const signal = AbortSignal.any([terminal.stop, AbortSignal.timeout(timeout * 1000)]);
    try {
      const describe = (): string => `examining ${model_name}`;
      examinations.push(await withProgress(terminal, describe, () => examine(isolated, signal)));
    } finally {
      await isolated.gateway.close();
    }
  }
  if (!isKnown) throw new UsageError(`no entry of ${config} has the model name ${model}`);
  return examinations;
}
