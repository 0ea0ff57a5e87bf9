import { painter } from "../drawing/painter.ts";
import type { Command, Option } from "./command.ts";
import type { Output } from "../terminal.ts";

/** What `dheera_ai <command> --help` prints. */
export function renderHelp(command: Command, output: Pick<Output, "color">): string {
  const paint = painter(output.color);
  const heading = (text: string) => paint("bold", text);
  return [
    command.summary,
    "",
    heading("Usage"),
    ...command.usage.map((usage) => `  ${[program, command.name, usage].filter(Boolean).join(" ")}`),
    ...section(heading("Options"), columns(Object.entries(command.options).map(describe))),
    ...section(
      heading("Examples"),
      command.examples.map((line) => `  ${line}`),
    ),
  ].join("\n");
}

/** What `dheera_ai --help` prints: starting the proxy, then the other commands. */
export function renderOverview(serve: Command, commands: readonly Command[], output: Pick<Output, "color">): string {
  const rows = commands.map((command) => [command.name ?? "", command.summary] as const);
  const heading = painter(output.color)("bold", "Commands");
  return [
    renderHelp(serve, output),
    ...section(heading, columns(rows)),
    "",
    `  ${program} <command> --help says more.`,
  ].join("\n");
}

const program = "dheera_ai";

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", heading, ...lines];
}

function describe([name, option]: [string, Option]): readonly [string, string] {
  const short = option.short ? `-${option.short}, ` : "    ";
  const value = option.value ? ` ${option.value}` : "";
  return [`${short}--${name}${value}`, option.help];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
