import * as v from "valibot";

import { UsageError } from "../errors.ts";
import type { Command } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { didYouMean } from "./did-you-mean.ts";

interface Group {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly actions: readonly Command[];
}

/** A command that is only the name of others: `db` of `db status` and `db migrate`. */
export function commandGroup({ name, summary, examples, actions }: Group): Command {
  return defineCommand<Record<never, never>>({
    name,
    summary,
    usage: ["<command> …"],
    operands: "<command>",
    actions,
    options: {},
    schema: v.object({}),
    examples,
    async run({ operands: [given = ""] }) {
      const names = actions.map((action) => (action.name ?? "").slice(name.length + 1));
      throw new UsageError(
        given === ""
          ? `${name} wants one of its commands: ${names.join(", ")}`
          : `${name} has no command ${given}${didYouMean(given, names) || `: it has ${names.join(", ")}`}`,
      );
    },
  });
}
