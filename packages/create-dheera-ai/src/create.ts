import { existsSync } from "node:fs";
import { join } from "node:path";

import { askForRest } from "./asking/ask-for-rest.ts";
import { makeRepository } from "./after/make-repository.ts";
import { install } from "./after/install.ts";
import { stepsAfter } from "./after/next-steps.ts";
import { type Report, reportOf, sayWhatWasDone, sayWhatIsNext } from "./after/report.ts";
import { type Flags, parseFlags } from "./command-line/flags.ts";
import { help } from "./command-line/help.ts";
import { lockFiles } from "./command-line/package-manager.ts";
import { Stopped, UsageError, WriteError } from "./errors.ts";
import { writeFiles } from "./folder/write-files.ts";
import { filesOf } from "./templates/files-of.ts";
import type { Terminal } from "./terminal.ts";
import { workspace } from "./workspace.ts";

/**
 * `npm create dheera-ai`: what was typed, what is asked for besides, then the files, a repository and an installation.
 * @returns the exit code: 0, 1 where the files are there and could not be installed, 2 for what was typed, 3 where the
 * system does not let it write, 130 where it was stopped
 */
export async function create(args: readonly string[], terminal: Terminal): Promise<number> {
  const isJson = args.includes("--json");
  try {
    const flags = parseFlags(args);
    if (flags.help || flags.version) {
      terminal.print(flags.help ? help : `create-dheera-ai ${workspace.version}\n`);
      return 0;
    }
    const report = await createFolder(flags, terminal);
    if (isJson) terminal.print(`${JSON.stringify(report, null, 2)}\n`);
    if (report.problem === undefined) return 0;
    return terminal.stop.aborted ? 130 : 1;
  } catch (error) {
    const code = exitCodeOf(error);
    if (!(error instanceof Error) || code === undefined) throw error;
    if (isJson) terminal.print(`${JSON.stringify({ error: error.message }, null, 2)}\n`);
    else if (error.message !== "") terminal.printError(`${error.message}\n`);
    return code;
  }
}

/** @returns nothing for a mistake of this program's own */
function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof UsageError) return 2;
  if (error instanceof WriteError) return 3;
  return error instanceof Stopped ? 130 : undefined;
}

async function createFolder(flags: Flags, terminal: Terminal): Promise<Report> {
  const { choices, target } = await askForRest(flags, terminal);
  const written = await writeFiles(target, filesOf(choices), terminal.stop).catch((error: unknown) => {
    throw terminal.stop.aborted ? new Stopped("Stopped. Nothing was written.") : error;
  });
  const git = flags.git && (await makeRepository(target.path, terminal));
  const say = (text: string): void => {
    if (!flags.json) terminal.print(text);
  };
  say(sayWhatWasDone(choices, written));
  const problem = flags.install ? await install(choices, target.path, terminal, flags.json) : undefined;
  const installed = flags.install && problem === undefined;
  const isInWorkspace = installed && !existsSync(join(target.path, lockFiles[choices.packageManager]));
  const nextSteps = stepsAfter(choices, installed);
  const report = reportOf(choices, target, { ...written, git, installed, isInWorkspace, problem, nextSteps });
  if (problem !== undefined) terminal.printError(`\n${problem}\n`);
  say(sayWhatIsNext(report));
  return report;
}
