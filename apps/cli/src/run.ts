import { type DheeraError, isDheeraError } from "@dheera-ai/core";

import { didYouMean } from "./command-line/did-you-mean.ts";
import type { Command } from "./command-line/command.ts";
import { batch } from "./batch/batch.ts";
import { calibrate } from "./commands/calibrate.ts";
import { completion } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { evaluation } from "./commands/eval.ts";
import { init } from "./commands/init.ts";
import { models } from "./commands/models.ts";
import { pull } from "./commands/pull.ts";
import { rerank } from "./commands/rerank.ts";
import { rm } from "./commands/rm.ts";
import { serve } from "./commands/serve.ts";
import { db } from "./database/db.ts";
import { batches } from "./managing/objects/batches.ts";
import { budgets } from "./managing/objects/budgets.ts";
import { keys } from "./managing/objects/keys.ts";
import { organizations } from "./managing/objects/organizations.ts";
import { teams } from "./managing/objects/teams.ts";
import { users } from "./managing/objects/users.ts";
import { spend } from "./managing/spend/spend.ts";
import { mcp } from "./mcp/mcp.ts";
import { worker } from "./worker/worker.ts";
import { renderOverview } from "./command-line/help.ts";
import { describeFileError } from "./describe-file-error.ts";
import { printable } from "./drawing/printable.ts";
import type { Terminal } from "./terminal.ts";
import { Failure, UsageError, WrongConfiguration } from "./errors.ts";

/** All that have names; `serve` is what is done without one. */
export const commands: readonly Command[] = [
  rerank,
  batch,
  batches,
  models,
  pull,
  rm,
  doctor,
  evaluation,
  calibrate,
  init,
  mcp,
  worker,
  keys,
  teams,
  users,
  organizations,
  budgets,
  spend,
  db,
  completion(() => [serve, ...commands]),
];

/**
 * Runs one command line. Returns the exit code: 0 done, 1 failed, 2 wrong usage or wrong configuration; 3 of `db status`: steps are
 * pending.
 */
export async function run(given: readonly string[], terminal: Terminal): Promise<number> {
  const args = asOptions(given);
  const command = commands.find(({ name }) => name === args[0]);
  try {
    return command ? await command.run(args.slice(1), terminal) : await runUnnamed(args, terminal);
  } catch (error) {
    return report(error, command, terminal);
  }
}

/** `help`, `help rerank` and `version` are words for options. */
function asOptions(args: readonly string[]): readonly string[] {
  const [first, ...others] = args;
  if (first === "help") return [...others, "--help"];
  return first === "version" ? ["--version"] : args;
}

/** Without the name of a command, the proxy starts or the overview is printed. */
async function runUnnamed(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first] = args;
  if (first === undefined) {
    terminal.printError(renderOverview(serve, commands, { color: false, width: terminal.output.width }));
    return 2;
  }
  if (!first.startsWith("-")) {
    const names = [...commands.map(({ name }) => name ?? ""), "help", "version"];
    throw new UsageError(`unknown command ${first}${didYouMean(first, names)}`);
  }
  if (args.includes("--help") || args.includes("-h")) {
    terminal.output.print(renderOverview(serve, commands, terminal.output));
    return 0;
  }
  return serve.run(args, terminal);
}

function report(error: unknown, command: Command | undefined, terminal: Terminal): number {
  // Names of files and words of servers may be in a message.
  const printError = (line: string): void => terminal.printError(printable(line));
  if (error instanceof UsageError) {
    printError(`dheera_ai: ${error.message}`);
    printError(`Try: ${["dheera_ai", command?.name, "--help"].filter(Boolean).join(" ")}`);
    return 2;
  }
  if (error instanceof WrongConfiguration) {
    printError(error.message);
    return 2;
  }
  if (isDheeraError(error)) {
    printError(`dheera_ai: ${error.message}${whereOf(error)}`);
    return error.code === "invalid_request" ? 2 : 1;
  }
  printError(
    `dheera_ai: ${error instanceof Failure ? error.message : (describeSystemError(error) ?? describeBug(error))}`,
  );
  return 1;
}

/** Who runs the command may know which server failed, and what that called it. */
function whereOf({ upstream }: DheeraError): string {
  if (!upstream?.address) return "";
  const said = [upstream.status === undefined ? undefined : `HTTP ${upstream.status}`, upstream.code];
  const answer = said.filter((part) => part !== undefined).join(" ");
  return `\n  at ${upstream.address}${answer && ` (${answer})`}`;
}

/** The operating system refused (`EACCES`, `EADDRINUSE` …). What it refused helps a user, the stack does not. */
function describeSystemError(error: unknown): string | undefined {
  const reason = describeFileError(error);
  if (!(error instanceof Error) || reason === undefined) return undefined;
  return "path" in error && typeof error.path === "string" ? `${error.path}: ${reason}` : error.message;
}

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
