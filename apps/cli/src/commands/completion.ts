import * as v from "valibot";

import type { Command } from "../command-line/command.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { UsageError } from "../errors.ts";

const scripts = { bash: forBash, zsh: forZsh, fish: forFish };

/** @param all every command, the one without a name included; asked when it runs, because this command is one of them */
export function completion(all: () => readonly Command[]): Command {
  return defineCommand<Record<never, never>>({
    name: "completion",
    summary: "Print a script with which a shell completes commands and options",
    usage: ["bash|zsh|fish"],
    operands: "bash|zsh|fish",
    options: {},
    schema: v.object({}),
    examples: [
      "dheera_ai completion bash > ~/.local/share/bash-completion/completions/dheera_ai",
      "dheera_ai completion zsh > ~/.zfunc/_dheera_ai    # a folder of fpath",
      "dheera_ai completion fish > ~/.config/fish/completions/dheera_ai.fish",
    ],
    async run({ operands: [shell, ...others] }, { output }) {
      if (!isShell(shell) || others.length > 0)
        throw new UsageError(`completion wants the name of a shell: ${Object.keys(scripts).join(", ")}`);
      output.print(scripts[shell](all()));
      return 0;
    },
  });
}

function isShell(name: string | undefined): name is keyof typeof scripts {
  return name !== undefined && Object.hasOwn(scripts, name);
}

function forBash(commands: readonly Command[]): string {
  const cases = named(commands).map(({ name, options }) => `    ${name}) words="${flags(options)}" ;;`);
  const first = [...named(commands).map(({ name }) => name), "help", "version", flags(unnamed(commands))];
  return `# bash completion of dheera_ai
_dheera_ai() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="${flags(unnamed(commands))}" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${first.join(" ")}"; fi
  COMPREPLY=()
  case "$word" in
    -*) ;;
    *) [ "$COMP_CWORD" -eq 1 ] || return 0 ;;
  esac
  while read -r match; do COMPREPLY+=("$match"); done < <(compgen -W "$words" -- "$word")
}
complete -o default -F _dheera_ai dheera_ai dheera-ai`;
}

function forZsh(commands: readonly Command[]): string {
  const cases = named(commands).map(
    ({ name, options }) => `    ${name}) _arguments ${specsOfZsh(options)} '*:file:_files' ;;`,
  );
  const described = [...named(commands), ...words].map(({ name, summary }) => quote(`${name}:${summary}`));
  return `#compdef dheera_ai dheera-ai
_dheera_ai() {
  local -a commands=(${described.join(" ")})
  if (( CURRENT == 2 )) && [[ $words[CURRENT] != -* ]]; then
    _describe 'command' commands
    return
  fi
  local command=$words[2]
  case $command in
${cases.join("\n")}
    *) _arguments ${specsOfZsh(unnamed(commands))} '*:file:_files' ;;
  esac
}
if [ "$funcstack[1]" = "_dheera_ai" ]; then _dheera_ai "$@"; else compdef _dheera_ai dheera_ai dheera-ai; fi`;
}

function specsOfZsh(options: Command["options"]): string {
  return Object.entries(options)
    .map(([name, { help, value }]) => {
      const text = help.replaceAll(/[[\]:\\]/g, (character) => `\\${character}`);
      return quote(`--${name}[${text}]${value === undefined ? "" : `:${value}:_files`}`);
    })
    .join(" ");
}

function forFish(commands: readonly Command[]): string {
  const first = [...named(commands), ...words].map(
    ({ name, summary }) => `-n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
  );
  const rules = [...first, ...commands.flatMap(optionsOfFish)];
  const lines = rules.flatMap((rule) => [`complete -c dheera_ai ${rule}`, `complete -c dheera-ai ${rule}`]);
  return ["# fish completion of dheera_ai", ...lines].join("\n");
}

function optionsOfFish({ name, options }: Command): readonly string[] {
  const when = name === undefined ? "__fish_use_subcommand" : quote(`__fish_seen_subcommand_from ${name}`);
  return Object.entries(options).map(([option, { help, short, value }]) => {
    const forms = `-l ${option}${short === undefined ? "" : ` -s ${short}`}${value === undefined ? "" : " -r"}`;
    return `-n ${when} ${forms} -d ${quote(help)}`;
  });
}

interface NamedCommand extends Command {
  readonly name: string;
}

function named(commands: readonly Command[]): readonly NamedCommand[] {
  return commands.flatMap((command) => (command.name === undefined ? [] : [{ ...command, name: command.name }]));
}

/** The options of the proxy, which starts without the name of a command. */
function unnamed(commands: readonly Command[]): Command["options"] {
  return commands.find(({ name }) => name === undefined)?.options ?? {};
}

const words = [
  { name: "help", summary: "Print help of a command" },
  { name: "version", summary: "Print the version" },
];

function flags(options: Command["options"]): string {
  return [...Object.keys(options), "help"].map((name) => `--${name}`).join(" ");
}

/** For a shell: everything between single quotes stands for itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
