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
  const cases = named(commands).map((command) => `    ${command.name}) ${wordsOfBash(command)} ;;`);
  const first = [...named(commands).map(({ name }) => name), "help", "version", flags(unnamed(commands))];
  return `# bash completion of dheera_ai
_dheera_ai() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words actions
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="${flags(unnamed(commands))}" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${first.join(" ")}"; fi
  COMPREPLY=()
  case "$word" in
    -*) ;;
    *)
      if [ "$COMP_CWORD" -eq 2 ] && [ -n "$actions" ]; then
        while read -r match; do COMPREPLY+=("$match"); done < <(compgen -f -W "$actions" -- "$word")
        compopt -o filenames 2>/dev/null
        return 0
      fi
      [ "$COMP_CWORD" -eq 1 ] || return 0 ;;
  esac
  while read -r match; do COMPREPLY+=("$match"); done < <(compgen -W "$words" -- "$word")
}
complete -o default -F _dheera_ai dheera_ai dheera-ai`;
}

/** An action's own options stand behind it. */
function wordsOfBash(command: NamedCommand): string {
  const own = `words="${flags(command.options)}"`;
  const actions = actionsOf(command);
  if (actions.length === 0) return own;
  const cases = actions.map(({ name, options }) => `${name}) words="${flags(options)}" ;;`);
  const names = actions.map(({ name }) => name).join(" ");
  return `actions="${names}"; case "\${COMP_WORDS[2]}" in ${cases.join(" ")} *) ${own} ;; esac`;
}

function forZsh(commands: readonly Command[]): string {
  const cases = named(commands).map((command) => `    ${command.name}) ${argumentsOfZsh(command)} ;;`);
  const described = [...named(commands), ...words].map(describedInZsh);
  return `#compdef dheera_ai dheera-ai
_dheera_ai() {
  local -a commands=(${described.join(" ")}) actions
  if (( CURRENT == 2 )) && [[ $words[CURRENT] != -* ]]; then
    _describe 'command' commands
    return
  fi
  local command=$words[2]
  case $command in
${cases.join("\n")}
    *) ${callOfZsh(unnamed(commands))} ;;
  esac
}
if [ "$funcstack[1]" = "_dheera_ai" ]; then _dheera_ai "$@"; else compdef _dheera_ai dheera_ai dheera-ai; fi`;
}

function argumentsOfZsh(command: NamedCommand): string {
  const own = callOfZsh(command.options);
  const actions = actionsOf(command);
  if (actions.length === 0) return own;
  const cases = actions.map(({ name, options }) => `${name}) ${callOfZsh(options)} ;;`);
  return [
    `if (( CURRENT == 3 )) && [[ $words[CURRENT] != -* ]]; then`,
    `actions=(${actions.map(describedInZsh).join(" ")}); _describe 'action' actions; _files; return; fi;`,
    `case $words[3] in ${cases.join(" ")} *) ${own} ;; esac`,
  ].join(" ");
}

function describedInZsh({ name, summary }: { readonly name: string; readonly summary: string }): string {
  return quote(`${name}:${summary}`);
}

function callOfZsh(options: Command["options"]): string {
  return `_arguments ${specsOfZsh(options)} '*:file:_files'`;
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
  const own = optionsOfFish(unnamed(commands), "__fish_use_subcommand");
  const rules = [...first, ...own, ...named(commands).flatMap(rulesOfFish)];
  const lines = rules.flatMap((rule) => [`complete -c dheera_ai ${rule}`, `complete -c dheera-ai ${rule}`]);
  return ["# fish completion of dheera_ai", beginsWithInFish, ...lines].join("\n");
}

/** Fish's own function looks anywhere in the line: `eval init` is not `init`. */
const beginsWithInFish = `function __dheera_ai_begins_with
  set -l given (commandline -opc)
  set -e given[1]
  set -l wanted (count $argv)
  test (count $given) -ge $wanted; and test "$given[1..$wanted]" = "$argv"
end`;

function rulesOfFish(command: NamedCommand): readonly string[] {
  const isBegun = `__dheera_ai_begins_with ${command.name}`;
  const actions = actionsOf(command);
  const isAlone = [isBegun, ...actions.map(({ name }) => `not ${isBegun} ${name}`)].join("; and ");
  return [
    ...actions.map(({ name, summary }) => `-n ${quote(isAlone)} -a ${name} -d ${quote(summary)}`),
    ...optionsOfFish(command.options, isAlone),
    ...actions.flatMap(({ name, options }) => optionsOfFish(options, `${isBegun} ${name}`)),
  ];
}

function optionsOfFish(options: Command["options"], when: string): readonly string[] {
  return Object.entries(options).map(([option, { help, short, value }]) => {
    const forms = `-l ${option}${short === undefined ? "" : ` -s ${short}`}${value === undefined ? "" : " -r"}`;
    return `-n ${quote(when)} ${forms} -d ${quote(help)}`;
  });
}

interface NamedCommand extends Command {
  readonly name: string;
}

function named(commands: readonly Command[]): readonly NamedCommand[] {
  return commands.flatMap((command) => (command.name === undefined ? [] : [{ ...command, name: command.name }]));
}

/** Commands under a command, by what stands behind its name: `init` of `eval init`. */
function actionsOf({ name, actions = [] }: NamedCommand): readonly Action[] {
  return named(actions).map((action) => ({
    name: action.name.slice(name.length + 1),
    summary: action.summary,
    options: action.options,
  }));
}

type Action = Pick<NamedCommand, "name" | "summary" | "options">;

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
