import { painter } from "../drawing/painter.ts";
import type { Command, Option } from "./command.ts";
import type { Output } from "../terminal.ts";

/** What `dheera_ai <command> --help` prints. */
export function renderHelp(command: Command, output: HelpOutput): string {
  const { width } = output;
  const paint = painter(output.color);
  const heading = (text: string) => paint("bold", text);
  return [
    ...wrap(command.summary, width, ""),
    "",
    heading("Usage"),
    ...command.usage.map((usage) => `  ${[program, command.name, usage].filter(Boolean).join(" ")}`),
    ...section(heading("Options"), columns(Object.entries(command.options).map(describe), width)),
    ...section(heading("Commands"), columns((command.actions ?? []).map(nameAndSummary), width)),
    ...section(
      heading("Examples"),
      command.examples.map((line) => `  ${line}`),
    ),
  ].join("\n");
}

/** What `dheera_ai --help` prints: starting the proxy, then the other commands. */
export function renderOverview(serve: Command, commands: readonly Command[], output: HelpOutput): string {
  const rows = commands.map(nameAndSummary);
  const heading = painter(output.color)("bold", "Commands");
  return [
    renderHelp(serve, output),
    ...section(heading, columns(rows, output.width)),
    "",
    ...wrap(`${program} <command> --help says more.`, output.width, "  "),
  ].join("\n");
}

const program = "dheera_ai";

function nameAndSummary({ name = "", summary }: Command): readonly [string, string] {
  return [name, summary];
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", heading, ...lines];
}

function describe([name, option]: [string, Option]): readonly [string, string] {
  const short = option.short ? `-${option.short}, ` : "    ";
  const value = option.value ? ` ${option.value}` : "";
  return [`${short}--${name}${value}`, option.help];
}

/** Two columns; where the terminal is too narrow for them, the second stands below the first. */
function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const leftWidth = Math.max(0, ...rows.map(([left]) => left.length));
  const indent = " ".repeat(leftWidth + 4);
  if (width - indent.length < leastHelpWidth)
    return rows.flatMap(([left, right]) => [`  ${left.trimEnd()}`, ...wrap(right, width, "        ")]);
  return rows.flatMap(([left, right]) => {
    const [first = "", ...others] = wrap(right, width, indent);
    return [`  ${left.padEnd(leftWidth)}  ${first.trimStart()}`, ...others];
  });
}

const leastHelpWidth = 30;

/** Lines of whole words; a word that is wider than a line stands alone in one. */
function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}

type HelpOutput = Pick<Output, "color" | "width">;
