import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import * as v from "valibot";

import { endWithUs } from "../proxy/processes.ts";

/** One `JSON.parse` of a text and one `JSON.stringify` of what it gives, in a process that does nothing else. */
export class Yardstick implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(text: string): Promise<Yardstick> {
    const child = fork(join(import.meta.dirname, "parse-and-stringify.ts"), { execArgv: ["-C", "source"] });
    endWithUs(child);
    const ready = once(child, "message");
    child.send(text);
    await ready;
    return new Yardstick(child);
  }

  /** Milliseconds of the processor for one time, over so many. */
  async milliseconds(times: number): Promise<number> {
    const told = once(this.#child, "message");
    this.#child.send(times);
    return v.parse(v.number(), (await told)[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }
}
