import { Readable } from "node:stream";

import { run } from "../run.ts";
import type { Terminal } from "../terminal.ts";
import type { Outcome } from "./processes.ts";

export interface Setting {
  /** What is piped in; absent where standard input is a terminal. */
  readonly input?: string;
  /** Standard output is a terminal instead of a pipe. */
  readonly interactive?: boolean;
  /** What a person answers to each question; without it nobody can be asked. */
  readonly answer?: string | (() => Promise<string>);
  /** Standard error is a terminal: what progress shows is kept. */
  readonly progress?: string[];
  readonly stop?: AbortSignal;
  readonly environment?: Terminal["environment"];
  /** Told of each line of standard output as it is printed. */
  readonly onPrint?: (line: string) => void;
  /** Columns of the terminal; 80 when absent. */
  readonly width?: number;
}

/** Runs one command line in this process, which is much faster than in one of its own. */
export async function runInProcess(
  args: readonly string[],
  {
    input,
    interactive = false,
    answer,
    progress,
    stop = new AbortController().signal,
    environment = {},
    width = 80,
    onPrint = () => {},
  }: Setting = {},
): Promise<Outcome> {
  const outcome = { stdout: "", stderr: "" };
  const terminal: Terminal = {
    environment,
    input: {
      interactive: input === undefined,
      read: () =>
        input === undefined
          ? Promise.reject(new Error("this test pipes no documents in"))
          : Promise.resolve(Buffer.from(input)),
      stream: () => Readable.from(input === undefined ? [] : [Buffer.from(input)]),
    },
    output: {
      interactive,
      color: false,
      width,
      print: (line) => {
        outcome.stdout += `${line}\n`;
        onPrint(line);
      },
      write: async (bytes) => void (outcome.stdout += Buffer.from(bytes).toString()),
    },
    printError: (line) => void (outcome.stderr += `${line}\n`),
    showProgress: progress && ((line) => void (line !== undefined && progress.push(line))),
    ask:
      answer === undefined
        ? undefined
        : async (question) => {
            outcome.stderr += `${question}\n`;
            return typeof answer === "string" ? answer : answer();
          },
    stop,
    version: "1.2.3",
  };
  const code = await run(args, terminal);
  return { code, ...outcome };
}
