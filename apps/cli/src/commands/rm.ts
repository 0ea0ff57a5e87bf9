import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { type Format, flag, format } from "../command-line/values.ts";
import { confirm } from "../confirm.ts";
import { describeBytes } from "../drawing/amounts.ts";
import { UsageError } from "../errors.ts";
import { loadLocalHub } from "../local/local-hub.ts";

interface RmOptions {
  readonly yes: boolean;
  readonly output?: Format;
}

export const rm = defineCommand<RmOptions>({
  name: "rm",
  summary: "Remove a model that was pulled",
  usage: ["MODEL[@REVISION] [--yes]"],
  operands: "MODEL[@REVISION]",
  options: {
    yes: { short: "y", help: "do not ask" },
    output: { value: "FORMAT", help: "table or json (table on a terminal)" },
  },
  schema: v.object({ yes: v.optional(flag, false), output: v.optional(format) }),
  examples: ["dheera_ai rm cross-encoder/ms-marco-MiniLM-L6-v2"],
  async run({ options, operands }, terminal) {
    const [model, ...others] = operands;
    if (model === undefined || others.length > 0)
      throw new UsageError("rm wants one model: dheera_ai rm <organization>/<name>[@<revision>]");
    const { output, environment, printError } = terminal;
    const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    const hub = await loadLocalHub();
    const plan = await hub.planRemoval(model, { environment });
    const { name, commits, kept, bytes } = plan;
    const what = kept.length === 0 ? name : `${name} at ${commits.join(", ")}`;
    const stays =
      kept.length === 0
        ? ""
        : `; ${kept.map((commit) => commit.slice(0, 12)).join(", ")} ${kept.length === 1 ? "stays" : "stay"}`;
    if (
      !(await confirm(
        terminal,
        `Remove ${what} from the cache of the Hub (${describeBytes(bytes)}${stays})?`,
        options.yes,
      ))
    ) {
      printError("Nothing was removed.");
      return 1;
    }
    await hub.remove(plan);
    output.print(
      isTable
        ? `Removed ${what}; ${describeBytes(bytes)} are free.`
        : JSON.stringify({ model: `local/${name}`, commits, kept, freed_bytes: bytes }, undefined, 2),
    );
    return 0;
  },
});
