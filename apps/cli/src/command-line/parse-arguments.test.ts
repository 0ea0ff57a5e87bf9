import * as v from "valibot";
import { describe, expect, it } from "vitest";

import type { Grammar } from "./command.ts";
import { parseArguments } from "./parse-arguments.ts";
import { flag, port, text } from "./values.ts";
import { UsageError } from "../errors.ts";

interface Values {
  readonly port: number;
  readonly top_n?: string;
  readonly reload: boolean;
}

const grammar: Grammar<Values> = {
  options: { port: { value: "PORT", short: "p", help: "" }, top_n: { value: "N", help: "" }, reload: { help: "" } },
  schema: v.object({ port: v.optional(port, "4000"), top_n: v.optional(text), reload: v.optional(flag, true) }),
  operands: "[…]",
};

function parse(...args: string[]): ReturnType<typeof parseArguments<Values>> {
  return parseArguments(args, grammar);
}

describe("parseArguments", () => {
  it("fills in defaults", () => {
    expect(parse()).toEqual({ options: { port: 4000, reload: true }, operands: [] });
  });

  it("takes underscores and dashes in option names alike, and leaves values as they are", () => {
    expect(parse("--top-n", "a-b").options.top_n).toBe("a-b");
    expect(parse("--top_n=a-b=c").options.top_n).toBe("a-b=c");
  });

  it("switches off with --no-, in both spellings", () => {
    expect(parse("--no-reload").options.reload).toBe(false);
    expect(parse("--no_reload").options.reload).toBe(false);
  });

  it("reads everything after -- as operands", () => {
    expect(parse("-p", "1", "--", "--top-n", "-x").operands).toEqual(["--top-n", "-x"]);
  });

  it("names the nearest known option for an unknown one", () => {
    expect(() => parse("--prot", "1")).toThrow(new UsageError("unknown option --prot; did you mean --port?"));
    expect(() => parse("--top-m", "1")).toThrow("unknown option --top_m; did you mean --top_n?");
    expect(() => parse("--something-else")).toThrow(/^unknown option --something_else$/);
    expect(() => parse("-z")).toThrow(/^unknown option -z$/);
  });

  it("refuses values that an option does not accept", () => {
    for (const wrong of ["", "4000.5", "-1", "65536", "http", "0x", " "])
      expect(() => parse(`--port=${wrong}`)).toThrow(new UsageError("--port wants a whole number from 0 to 65535"));
    expect(() => parse("--top_n=")).toThrow("--top_n must not be empty");
  });

  it("refuses options without their value and switches with one", () => {
    expect(() => parse("--port")).toThrow(UsageError);
    expect(() => parse("--port", "--reload")).toThrow(UsageError);
    expect(() => parse("--reload=yes")).toThrow(UsageError);
  });

  it("refuses operands of a command that takes none", () => {
    const { operands: _, ...without } = grammar;
    expect(() => parseArguments(["stray"], without)).toThrow('unexpected argument "stray"');
  });

  it("names the option that is missing", () => {
    const wanting: Grammar<{ top_n: string }> = {
      options: { top_n: { value: "N", help: "" } },
      schema: v.object({ top_n: text }),
    };
    expect(() => parseArguments([], wanting)).toThrow(new UsageError("--top_n is missing"));
  });
});
