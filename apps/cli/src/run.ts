import { isDheeraError } from "@dheera-ai/core";

import { didYouMean } from "./command-line/did-you-mean.ts";
import type { Command } from "./command-line/command.ts";
import { doctor } from "./commands/doctor.ts";
import { init } from "./commands/init.ts";
import { keys } from "./commands/keys.ts";
import { models } from "./commands/models.ts";
import { rerank } from "./commands/rerank.ts";
import { serve } from "./commands/serve.ts";
import { renderOverview } from "./command-line/help.ts";
import type { Terminal } from "./terminal.ts";
import { Failure, UsageError, WrongConfiguration } from "./errors.ts";

const commands: readonly Command[] = [rerank, models, doctor, init, keys];

/** Runs one command line. Returns the exit code: 0 done, 1 failed, 2 wrong usage or wrong configuration. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = commands.find(({ name }) => name === args[0]);
  try {
    return command ? await command.run(args.slice(1), terminal) : await runUnnamed(args, terminal);
  } catch (error) {
    return report(error, command, terminal);
  }
}

/** Without the name of a command, the proxy starts or the overview is printed. */
async function runUnnamed(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first] = args;
  if (first === undefined) {
    terminal.printError(renderOverview(serve, commands, { color: false }));
    return 2;
  }
  if (!first.startsWith("-")) {
    const names = commands.map(({ name }) => name ?? "");
    throw new UsageError(`unknown command ${first}${didYouMean(first, names)}`);
  }
  if (args.includes("--help") || args.includes("-h")) {
    terminal.output.print(renderOverview(serve, commands, terminal.output));
    return 0;
  }
  return serve.run(args, terminal);
}

function report(error: unknown, command: Command | undefined, { printError }: Terminal): number {
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
    printError(`dheera_ai: ${error.message}`);
    return error.code === "invalid_request" ? 2 : 1;
  }
  printError(`dheera_ai: ${error instanceof Failure || isSystemError(error) ? error.message : describeBug(error)}`);
  return 1;
}

/** The operating system refused (`EACCES`, `EADDRINUSE` …). Its message helps a user, its stack does not. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
