/** Where a command of a page is typed, as the page says. */
export type State = "clone" | "project" | "installed" | "proxy running";

/** One command of a fenced block. */
export interface DocumentedCommand {
  readonly line: number;
  /** Comments and prompts are taken away; continued lines and here-documents are kept. */
  readonly text: string;
  /** The comment behind it. */
  readonly comment?: string;
  /** What the page shows as printed: the rest of a console block, or the JSON block that follows. */
  readonly output?: string;
  /** Absent where the page says nothing. */
  readonly state?: State;
}

/** A file that a page shows: a fenced block after its name in code and a colon, or with its name in a comment as the first line. */
export interface DocumentedFile {
  readonly line: number;
  readonly name: string;
  readonly content: string;
}

/** The commands of the fenced `sh` and `console` blocks of a page, from top to bottom. */
export function readCommands(page: string): readonly DocumentedCommand[] {
  const blocks = readBlocks(page);
  return blocks.flatMap((block, at) => {
    const state = stateBefore(page, block.start);
    return commandsOf(block, page, blocks[at + 1]).map(({ line, text, comment, output }) => ({
      line,
      text,
      comment,
      output,
      state,
    }));
  });
}

function commandsOf(block: Block, page: string, next: Block | undefined): readonly DocumentedCommand[] {
  if (block.language === "console") return consoleCommands(block);
  if (!/^(sh|bash|shell)$/.test(block.language)) return [];
  const commands = splitStatements(block.lines, block.line);
  const isAnswer = next?.language === "json" && /^\s*$/.test(page.slice(block.end, next.start));
  return isAnswer ? commands.map(({ line, text }) => ({ line, text, output: next.lines.join("\n") })) : commands;
}

export function readFiles(page: string): readonly DocumentedFile[] {
  return readBlocks(page).flatMap(({ lines, line, start }) => {
    const [, commented] = /^# ([\w-]+\.(?:yaml|txt|json))$/.exec(lines[0] ?? "") ?? [];
    const [, introduced] = /`([\w./-]+\.(?:ts|yaml|txt|json))`:\n\n$/.exec(page.slice(0, start)) ?? [];
    const name = commented ?? introduced;
    return name === undefined ? [] : [{ line, name, content: `${lines.join("\n")}\n` }];
  });
}

/** Commands within running text and tables: code spans that begin with a program's name. */
export function readInlineCommands(page: string): readonly string[] {
  const text = page.replaceAll(/^```[^]*?^```$/gm, "");
  const programs = "dheera_ai|npx|pnpm|npm|docker|kubectl|helm|bunx|bun|python3|curl|bash|git|node";
  return [...text.matchAll(new RegExp(`\`((?:[A-Z_]+=\\S+ )*(?:${programs}) [^\`]+)\``, "g"))].map(
    ([, command = ""]) => command,
  );
}

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
  /** Number of its first line within the page, from 1. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

function readBlocks(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map((match) => {
    const [all, language = "", code = ""] = match;
    const line = page.slice(0, match.index).split("\n").length + 1;
    return { language, lines: code.trimEnd().split("\n"), line, start: match.index, end: match.index + all.length };
  });
}

const phrases: Readonly<Record<State, RegExp>> = {
  clone: /in (?:a|the) clone/i,
  project: /in a project of your own/i,
  installed: /with the command line installed/i,
  "proxy running": /with the proxy running/i,
};

/** The nearest paragraph before a block that names a state decides; within it, the state that it names first. */
function stateBefore(page: string, end: number): State | undefined {
  const paragraphs = page.slice(0, end).split(/\n\n+/).toReversed();
  for (const paragraph of paragraphs) {
    const named = states
      .map((state) => ({ state, at: paragraph.replaceAll("\n", " ").search(phrases[state]) }))
      .filter(({ at }) => at !== -1)
      .toSorted((one, other) => one.at - other.at);
    if (named[0] !== undefined) return named[0].state;
  }
  return undefined;
}

const states: readonly State[] = ["clone", "project", "installed", "proxy running"];

function consoleCommands({ lines, line }: Block): readonly DocumentedCommand[] {
  const starts = lines.flatMap((text, at) => (text.startsWith("$ ") ? [at] : []));
  return starts.map((start, at) => {
    const session = lines.slice(start, starts[at + 1]);
    const length = session.findIndex((text) => !text.endsWith("\\")) + 1;
    const text = session.slice(0, length).join("\n").slice("$ ".length);
    return { line: line + start, text, output: session.slice(length).join("\n") };
  });
}

/** Statements of a shell script: what quotes, backslashes and here-documents continue stays together. */
function splitStatements(lines: readonly string[], first: number): readonly DocumentedCommand[] {
  const found: DocumentedCommand[] = [];
  let pending: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (pending.length === 0 && (line.trim() === "" || line.startsWith("#"))) continue;
    pending.push(line);
    const text = pending.join("\n");
    if (isContinued(text)) continue;
    const [, statement = text, comment] = /^([^\n]*?) +# ([^\n]*)$/.exec(text) ?? [];
    found.push({ line: first + at - pending.length + 1, text: statement, ...(comment !== undefined && { comment }) });
    pending = [];
  }
  if (pending.length > 0) throw new Error(`line ${first}: this command has no end: ${pending.join("\n")}`);
  return found;
}

function isContinued(text: string): boolean {
  const [, end] = /<<'(\w+)'/.exec(text) ?? [];
  if (end !== undefined) return !text.endsWith(`\n${end}`);
  const withoutQuoted = text.replaceAll(/'[^']*'|"[^"]*"/g, "");
  return text.endsWith("\\") || /['"]/.test(withoutQuoted.replace(/ # [^\n]*$/, ""));
}
