import { writeFile } from "node:fs/promises";
import * as v from "valibot";

import { flag } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { starterConfig } from "./starter-config.ts";
import { UsageError } from "../errors.ts";
import { findUsableLocalModel } from "../local/usable-local-model.ts";

interface InitOptions {
  readonly force: boolean;
}

export const init = defineCommand<InitOptions>({
  name: "init",
  summary: "Write a commented config.yaml to start from",
  usage: ["[FILE] [--force]"],
  operands: "[FILE]",
  options: { force: { help: "replace the file if it exists" } },
  schema: v.object({ force: v.optional(flag, false) }),
  examples: ["dheera_ai init && dheera_ai --config config.yaml"],
  async run({ options, operands }, { environment, output }) {
    const [file = "config.yaml", ...others] = operands;
    if (others.length > 0) throw new UsageError("init writes one file; give one name");
    const localModel = await findUsableLocalModel(environment);
    await write(file, starterConfig({ localModel }), options.force);
    const found = localModel === undefined ? "" : `, with local/${localModel}, which is on this machine`;
    output.print(`Wrote ${file}${found}. Start the proxy with: dheera_ai --config ${file}`);
    return 0;
  },
});

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new UsageError(`${file} exists already; --force replaces it`);
    throw error;
  }
}
