import type { LogFields, Logger } from "@dheera-ai/proxy/reporting";

/** A log of JSON lines, `{ level, message, … }`, with the names of levels that Python has. */
export function jsonLog(printLine: (line: string) => void): Logger {
  const at = (level: string) => (message: string, fields?: LogFields) =>
    printLine(JSON.stringify({ level, message, ...fields }));
  return { debug: at("debug"), info: at("info"), warn: at("warning"), error: at("error") };
}
