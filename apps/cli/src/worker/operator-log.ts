import { inspect } from "node:util";

import type { LogFields, Logger } from "@dheera-ai/proxy";

import type { Terminal } from "../terminal.ts";

/**
 * Prints what the operator has to know, line by line: settings without effect, a configuration that was applied or
 * cannot be, failures of the process.
 */
export function operatorLog({ printError }: Pick<Terminal, "printError">): Logger {
  const print = (level: string) => (message: string, fields?: LogFields) =>
    printError(`${level}: ${message}${fields === undefined ? "" : ` ${inspect(fields, { breakLength: Infinity })}`}`);
  return { debug: () => {}, info: print("info"), warn: print("warning"), error: print("error") };
}
