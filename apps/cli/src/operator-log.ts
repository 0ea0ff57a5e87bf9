import { inspect } from "node:util";

import type { LogFields, Logger } from "@dheera-ai/proxy";

import type { Terminal } from "./terminal.ts";

/** What whoever runs the proxy must know, line by line: settings without effect, a configuration that was not taken up, failures of the process. */
export function operatorLog({ complain }: Pick<Terminal, "complain">): Logger {
  const say = (level: string) => (message: string, fields?: LogFields) =>
    complain(`${level}: ${message}${fields === undefined ? "" : ` ${inspect(fields, { breakLength: Infinity })}`}`);
  return { debug: () => {}, info: () => {}, warn: say("warning"), error: say("error") };
}
