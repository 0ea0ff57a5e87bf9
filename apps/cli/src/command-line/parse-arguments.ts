import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import * as v from "valibot";

import type { Arguments, Grammar, Option } from "./command.ts";
import { didYouMean } from "./did-you-mean.ts";
import { UsageError } from "../errors.ts";

/**
 * Reads a command line. `--top-n` and `--top_n` are the same option, `--no-reload` switches one off, `--` ends options.
 * @throws UsageError naming the option at fault, with the nearest known one.
 */
export function parseArguments<Values>(args: readonly string[], grammar: Grammar<Values>): Arguments<Values> {
  const known = Object.entries<Option>(grammar.options);
  const config = {
    args: withUnderscores(args, new Set(known.filter(([, option]) => !option.value).map(([name]) => name))),
    options: Object.fromEntries(known.map(([name, option]) => [name, toParseArgs(option)])),
    allowPositionals: true,
    allowNegative: true,
  };
  refuseUnknown(config);
  const { values, positionals } = readStrictly(config);
  if (grammar.operands === undefined && positionals.length > 0)
    throw new UsageError(
      `unexpected argument "${positionals[0]}": this command takes only options, as in --option value`,
    );
  const checked = v.safeParse(grammar.schema, { ...values });
  if (!checked.success) throw new UsageError(checked.issues.map(describeIssue).join("\n"));
  return { options: checked.output, operands: positionals };
}

interface ParseArgsInput {
  readonly args: string[];
  readonly options: ParseArgsOptionsConfig;
  readonly allowPositionals: true | boolean;
  readonly allowNegative: true | boolean;
}

function toParseArgs(option: Option): ParseArgsOptionsConfig[string] {
  return { type: option.value ? "string" : "boolean", ...(option.short && { short: option.short }) };
}

/**
 * Turns `--shutdown-timeout=5` into `--shutdown_timeout=5`, and `--no_reload` into the `--no-reload` that parseArgs
 * knows.
 */
function withUnderscores(args: readonly string[], switches: ReadonlySet<string>): string[] {
  const end = args.indexOf("--");
  return args.map((arg, position) => {
    if (!arg.startsWith("--") || (end !== -1 && position >= end)) return arg;
    const [given = "", ...value] = arg.slice(2).split("=");
    const name = given.replaceAll("-", "_");
    const negated = name.startsWith("no_") ? name.slice(3) : undefined;
    const written = negated !== undefined && switches.has(negated) ? `no-${negated}` : name;
    return ["--" + written, ...value].join("=");
  });
}

/** parseArgs refuses unknown options too, but does not suggest the nearest known one. */
function refuseUnknown(config: ParseArgsInput): void {
  const { tokens } = parseArgs({ ...config, strict: false, tokens: true });
  const names = Object.keys(config.options);
  for (const token of tokens) {
    if (token.kind !== "option" || names.includes(token.name)) continue;
    const hint = token.rawName.startsWith("--") ? didYouMean(token.name, names, "--") : "";
    throw new UsageError(`unknown option ${token.rawName}${hint}`);
  }
}

function readStrictly(config: ParseArgsInput): { values: object; positionals: string[] } {
  try {
    return parseArgs({ ...config, strict: true });
  } catch (error) {
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_"))
      throw new UsageError(error.message);
    throw error;
  }
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const name = String(issue.path?.[0]?.key);
  return issue.received === "undefined" ? `--${name} is missing` : `--${name} ${issue.message}`;
}
