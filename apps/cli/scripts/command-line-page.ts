import type { Command } from "../src/command-line/command.ts";
import { serve } from "../src/commands/serve.ts";
import { commands } from "../src/run.ts";

export const commandLinePage: URL = new URL("../../../docs/reference/command-line.md", import.meta.url);

/** Every command with its options, as `--help` shows them. */
export function renderCommandLine(): string {
  const rows = commands.map(({ name = "", summary }) => `| [\`dheera_ai ${name}\`](#${anchorOf(name)}) | ${summary} |`);
  return [
    "<!-- Made from the commands by apps/cli/scripts: change them in apps/cli/src, and run pnpm --filter @dheera-ai/cli run docs. -->",
    "",
    "# Command line",
    "",
    "Every command and every option of `dheera_ai`, as `--help` of your version shows them too. Without a command it [serves](#dheera_ai).",
    "[operating.md](../operating.md#every-option-of-the-command-line) says which of LiteLLM's options have no effect, and which variables are read.",
    "",
    "| command | what it does |",
    "|---|---|",
    ...rows,
    "",
    ...[serve, ...commands].flatMap((command) => renderCommand(command, "##")),
  ].join("\n");
}

/** Commands below it follow, one heading deeper. */
function renderCommand(command: Command, heading: string): string[] {
  const { name, summary, usage, options, examples, actions = [] } = command;
  const title = ["dheera_ai", name].filter(Boolean).join(" ");
  return [
    `${heading} ${title}`,
    "",
    summary,
    "",
    "```text",
    ...usage.map((line) => `${title} ${line}`.trim()),
    "```",
    "",
    ...optionTable(options),
    ...(examples.length === 0 ? [] : ["```sh", ...examples, "```", ""]),
    ...actions.flatMap((action) => renderCommand(action, `${heading}#`)),
  ];
}

function optionTable(options: Command["options"]): readonly string[] {
  const rows = Object.entries(options).map(([name, { value, short, help }]) => {
    const long = `\`--${name}${value === undefined ? "" : ` ${value}`}\``;
    return `| ${short === undefined ? long : `\`-${short}\`, ${long}`} | ${help.replaceAll(/[|<]/g, (sign) => `\\${sign}`)} |`;
  });
  return rows.length === 0 ? [] : ["| option | meaning |", "|---|---|", ...rows, ""];
}

function anchorOf(name: string): string {
  return `dheera_ai-${name.replaceAll(" ", "-")}`;
}
