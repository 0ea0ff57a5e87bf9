import { type Arguments, type Grammar, parseArguments } from "./parse-arguments.ts";
import { renderHelp } from "./help.ts";
import type { Terminal } from "../terminal.ts";

/** Something `dheera_ai` can do. */
export interface Command {
  /** Absent for what `dheera_ai` does when no command is named. */
  readonly name?: string;
  /** One line: what it does. */
  readonly summary: string;
  /** What follows `dheera_ai <name>`: one line for each way to use it. */
  readonly usage: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** Gives the exit code. Throws `UsageError` for 2, anything else for 1. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** One option, as help shows it. */
export interface Option {
  /** The value's placeholder (`PORT`); absent for a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
}

/** A command whose options are checked, and whose `--help` is answered, before it runs. */
export interface CommandDefinition<Values> extends Omit<Command, "run" | "options">, Grammar<Values> {
  run(given: Arguments<Values>, terminal: Terminal): Promise<number>;
}

export function defineCommand<Values>(definition: CommandDefinition<Values>): Command {
  const command: Command = {
    ...definition,
    async run(args, terminal) {
      if (asksForHelp(args)) {
        terminal.output.print(renderHelp(command, terminal.output));
        return 0;
      }
      return definition.run(parseArguments(args, definition), terminal);
    },
  };
  return command;
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === "--help" || arg === "-h");
}
