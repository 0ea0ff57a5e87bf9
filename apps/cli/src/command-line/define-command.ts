import type { Terminal } from "../terminal.ts";
import type { Arguments, Command, Grammar } from "./command.ts";
import { renderHelp } from "./help.ts";
import { parseArguments } from "./parse-arguments.ts";

/** A command as its file writes it. */
export interface CommandDefinition<Values> extends Omit<Command, "run" | "options">, Grammar<Values> {
  run(args: Arguments<Values>, terminal: Terminal): Promise<number>;
}

/** Makes a command whose options are checked, and whose `--help` is answered, before it runs. */
export function defineCommand<Values>(definition: CommandDefinition<Values>): Command {
  const command: Command = {
    ...definition,
    async run(args, terminal) {
      const action = definition.actions?.find(({ name }) => name === `${definition.name} ${args[0]}`);
      if (action) return action.run(args.slice(1), terminal);
      if (wantsHelp(args)) {
        terminal.output.print(renderHelp(command, terminal.output));
        return 0;
      }
      return definition.run(parseArguments(args, definition), terminal);
    },
  };
  return command;
}

function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === "--help" || arg === "-h");
}
