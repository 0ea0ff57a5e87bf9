import * as v from "valibot";

import type { Command } from "../command-line/command.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { flag } from "../command-line/values.ts";
import { confirm } from "../confirm.ts";
import { fit } from "../drawing/fit.ts";
import { isPrintableLine } from "../drawing/printable.ts";
import { Failure, UsageError } from "../errors.ts";
import { type ManagedProxy, type Method, openProxy } from "./ask-proxy.ts";
import { type Section, drawAnswer } from "./draw-answer.ts";
import { type Fields, clearField, optionsOf, parametersOf, schemasOf } from "./fields.ts";
import { safeJson } from "./print-json.ts";
import { formatOf, objectOptions, objectSchema, proxyOptions, proxySchema } from "./proxy-options.ts";
import { type Row, readRow, readRows } from "./rows.ts";

/** What the arguments beside the options name. */
export interface Subject {
  /** As help has it: `TEAM`. */
  readonly operand: string;
  /** The field that they become. */
  readonly parameter: string;
  /** How many there may be; `any` becomes a list. */
  readonly number: "one" | "at most one" | "any";
  /** Options that name one in another way, by what finds it. */
  readonly byOption?: { readonly fields: Fields; find(proxy: ManagedProxy, given: Row): Promise<readonly string[]> };
  /** What is sent in place of an argument. */
  sentAs?(given: string): string;
}

/** One request for or about an object, and how its answer is shown. */
export interface ObjectDefinition {
  /** `teams info` */
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly method: Method;
  /** A function of what is named where that stands in the address. */
  readonly path: string | ((subject: string) => string);
  /** Parameters that are always sent. */
  readonly parameters?: Row;
  /** Absent where nothing is named. */
  readonly subject?: Subject;
  readonly fields: Fields;
  /** A change of the fields, which can take values away; it must change something. */
  readonly isChange?: boolean;
  /** What says more closely who is meant. */
  readonly whose?: Fields;
  /** Asked before it is done: `Delete team research …?` */
  question?(subjects: readonly string[]): string;
  /** What `--quiet` prints alone, such as a key that is shown only now. */
  quiet?(answer: Row): string;
  /** What the fields become, where they are no fields of the request. */
  arrange?(given: Row): Row;
  /** The answer for a person. */
  show(answer: Row): readonly Section[];
  /** Said on standard error after it is done. */
  note?(answer: Row): string | undefined;
}

export function objectCommand(definition: ObjectDefinition): Command {
  const { name, summary, examples, subject, question, quiet } = definition;
  const changed = definition.isChange ? clearField(definition.fields) : {};
  const fields = { ...subject?.byOption?.fields, ...definition.whose, ...definition.fields, ...changed };
  const operands = subject && operandsOf(subject);
  return defineCommand<Row>({
    name,
    summary,
    examples,
    usage: [
      [operands, "--api_base URL", Object.keys(fields).length > 0 && "[--option VALUE …]"].filter(Boolean).join(" "),
    ],
    ...(operands !== undefined && { operands }),
    options: {
      ...optionsOf(fields),
      ...(question && { yes: { short: "y", help: "do not ask" } }),
      ...(quiet && { quiet: { short: "q", help: "print the key alone, or else the id" } }),
      ...proxyOptions,
      ...objectOptions,
    },
    schema: v.object({
      ...schemasOf(fields),
      yes: v.optional(flag),
      quiet: v.optional(flag),
      ...proxySchema,
      ...objectSchema,
    }),
    async run({ options, operands: given }, terminal) {
      const { output, printError } = terminal;
      const shared = v.parse(sharedSchema, options);
      const format = formatOf(shared, output);
      const parameters = parametersOf(definition.fields, options);
      if (definition.isChange && Object.keys(parameters).length === 0)
        throw new UsageError(`${name} wants what is to be changed: ${changesOf(definition.fields)}`);
      const other = parametersOf(subject?.byOption?.fields ?? {}, options);
      if (subject) checkNumber(name, subject, given, other);
      await using proxy = await openProxy(shared, terminal);
      const found = Object.keys(other).length === 0 ? [] : await subject?.byOption?.find(proxy, other);
      const subjects = [...given.map((one) => subject?.sentAs?.(one) ?? one), ...(found ?? [])];
      const named = [...given, ...Object.values(other).map(String)].map((one) => fit(one, 60));
      if (question && !(await confirm(terminal, question(named), shared.yes === true))) {
        printError("Nothing was done.");
        return 1;
      }
      const sent = {
        ...definition.parameters,
        ...parametersOf(definition.whose ?? {}, options),
        ...(definition.arrange?.(parameters) ?? parameters),
        ...(subject && typeof definition.path === "string" && sentSubject(subject, subjects)),
      };
      const { path } = definition;
      const address = typeof path === "string" ? path : path(encodeURIComponent(subjects[0] ?? ""));
      const answer = await proxy.ask(definition.method, address, sent);
      const [row = {}] = answer.trimStart().startsWith("[")
        ? readRows(answer, undefined, shared.api_base)
        : [readRow(answer, shared.api_base)];
      if (shared.quiet === true && quiet) output.print(forScript(quiet(row), name, shared.api_base));
      else if (format === "json") output.print(safeJson(JSON.parse(answer), 2));
      else output.print(drawAnswer(definition.show(row), output));
      for (const warning of warningsOf(row)) printError(`Warning: ${fit(warning, 300)}`);
      const note = format === "table" && shared.quiet !== true ? definition.note?.(row) : undefined;
      if (note !== undefined) printError(note);
      return 0;
    },
  });
}

const sharedSchema = v.object({
  api_base: v.string(),
  api_key: v.optional(v.string()),
  yes: v.optional(v.boolean()),
  quiet: v.optional(v.boolean()),
  output: v.optional(v.picklist(["table", "json"])),
  json: v.optional(v.boolean()),
});

function operandsOf({ operand, number, byOption }: Subject): string {
  const required = byOption ? `[${operand}]` : operand;
  if (number === "any") return byOption ? `[${operand} …]` : `${operand} …`;
  return number === "one" ? required : `[${operand}]`;
}

function changesOf(fields: Fields): string {
  return [...Object.keys(fields), "clear"].map((option) => `--${option}`).join(", ");
}

/** @throws UsageError */
function checkNumber(name: string, { operand, number, byOption }: Subject, given: readonly string[], other: Row): void {
  const byOthers = Object.keys(other).length;
  const ways = [operand, ...Object.keys(byOption?.fields ?? {}).map((option) => `--${option}`)].join(" or ");
  if (given.some((one) => one.trim() === "")) throw new UsageError(`${name}: ${operand} must not be empty`);
  const many = given.length + byOthers;
  if (many === 0 && number !== "at most one") throw new UsageError(`${name} wants ${ways}`);
  if (many > 1 && number !== "any") throw new UsageError(`${name} takes one ${operand}, and here are ${many}: ${ways}`);
}

function sentSubject({ parameter, number }: Subject, subjects: readonly string[]): Row {
  const [first] = subjects;
  if (first === undefined) return {};
  return { [parameter]: number === "any" ? subjects : first };
}

/** @throws Failure where a script would go on with something that is no key and no id */
function forScript(text: string, name: string, base: string): string {
  if (isPrintableLine(text)) return text;
  throw new Failure(
    `${name}: what ${base} answered has no key or id that is one line of plain text; check --api_base, and look at it with --json`,
  );
}

function warningsOf(answer: Row): readonly string[] {
  const { warnings } = answer;
  return Array.isArray(warnings) ? warnings.filter((one) => typeof one === "string") : [];
}
