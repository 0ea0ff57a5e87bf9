import type * as v from "valibot";

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
  /** Commands of their own under this one: `dheera_ai eval init`. Their names begin with its name. */
  readonly actions?: readonly Command[];
  /** Returns the exit code. Throws `UsageError` for 2, anything else for 1. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** One option, as help shows it. */
export interface Option {
  /** The value's placeholder (`PORT`); absent for a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
}

/** What a command accepts. */
export interface Grammar<Values> {
  readonly options: Readonly<Record<keyof Values & string, Option>>;
  readonly schema: v.GenericSchema<unknown, Values>;
  /** The arguments beside options: `[documents…]`. Absent when the command takes none. */
  readonly operands?: string;
}

/** A command line that was read and checked. */
export interface Arguments<Values> {
  readonly options: Values;
  readonly operands: readonly string[];
}
