import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { needs } from "./support/programs.ts";
import { createFolder } from "./support/temporary-folder.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const execute = promisify(execFile);

/** What a real shell makes of the script that `dheera_ai completion` prints for it, question by question. */
async function printed(shell: "bash" | "zsh" | "fish"): Promise<(question: Question) => Promise<string>> {
  const command = ["-C", "source", `${root}/apps/cli/src/main.ts`, "completion", shell];
  const { stdout } = await execute(process.execPath, command);
  return async (question) => {
    await using folder = await createFolder({ script: stdout });
    return (await execute(shell, ["-c", question(`${folder.path}/script`)])).stdout;
  };
}

type Question = (script: string) => string;

function inBash(words: readonly string[]): (script: string) => string {
  return (script) =>
    `source ${script}; COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _dheera_ai; printf '%s\\n' "\${COMPREPLY[@]}"`;
}

it("bash completes commands and their options", needs("bash"), async () => {
  const ask = await printed("bash");
  expect(await ask(inBash(["dheera_ai", "rer"]))).toBe("rerank\n");
  expect(await ask(inBash(["dheera_ai", "rerank", "--top"]))).toBe("--top_n\n");
  expect(await ask(inBash(["dheera_ai", "--num"]))).toBe("--num_workers\n");
  expect(await ask(inBash(["dheera_ai", "eval", "ini"]))).toBe("init\n");
  expect(await ask(inBash(["dheera_ai", "eval", "init", "--dep"]))).toBe("--depth\n");
  expect(await ask(inBash(["dheera_ai", "eval", "init", "--max"]))).toBe("--max_cost\n");
  expect(await ask(inBash(["dheera_ai", "eval", "folder", "--base"]))).toBe("--baseline\n");
  expect(await ask(inBash(["dheera_ai", "teams", "add"]))).toBe("add-member\n");
  expect(await ask(inBash(["dheera_ai", "keys", "generate", "--tea"]))).toBe("--team\n");
});

it("fish completes commands and their options, with what they mean", needs("fish"), async () => {
  const ask = await printed("fish");
  const complete = (line: string) => (script: string) => `source ${script}; complete -C "${line}"`;
  expect(await ask(complete("dheera_ai rer"))).toMatch(/^rerank\tRank documents/);
  expect(await ask(complete("dheera_ai rerank --top"))).toMatch(/^--top_n\thow many results/);
  expect(await ask(complete("dheera_ai --num"))).toMatch(/^--num_workers\tprocesses/);
  expect(await ask(complete("dheera_ai eval ini"))).toMatch(/^init\tJudge your own documents/);
  expect(await ask(complete("dheera_ai eval init --dep"))).toMatch(/^--depth\tjudge the best N/);
  expect(await ask(complete("dheera_ai eval init --unk"))).toMatch(/^--unknown_cost\twith --max_cost, models/);
  expect(await ask(complete("dheera_ai eval folder --base"))).toMatch(/^--baseline\tthe model/);
  expect(await ask(complete("dheera_ai teams add"))).toMatch(/^add-member\tMake a user a member/);
  expect(await ask(complete("dheera_ai keys generate --tea"))).toMatch(/^--team\tits team/);
  // Of `eval init` there is no --baseline, and of `init` no --depth.
  expect(await ask(complete("dheera_ai eval init --base"))).toBe("");
  expect(await ask(complete("dheera_ai init --dep"))).toBe("");
});

it("zsh takes the script for the command's completion", needs("zsh"), async () => {
  const ask = await printed("zsh");
  const load = (script: string): string =>
    `autoload -Uz compinit && compinit -u -D && source ${script} && echo $_comps[dheera_ai]`;
  expect(await ask(load)).toBe("_dheera_ai\n");
  // What it gives to the functions of zsh that offer words.
  const given =
    (...words: readonly string[]) =>
    (script: string): string =>
      `compdef() {}; source ${script}; _arguments() { print -l -- $@ }; _describe() { print -l -- \${(P)2} }; _files() {}
     words=(${words.join(" ")} ''); CURRENT=${words.length + 1}; _dheera_ai`;
  expect(await ask(given("dheera_ai", "eval"))).toMatch(/^init:Judge your own documents/);
  expect(await ask(given("dheera_ai", "eval", "init"))).toMatch(/^--depth\[judge the best N/m);
  expect(await ask(given("dheera_ai", "teams"))).toMatch(/^add-member:Make a user a member/m);
  expect(await ask(given("dheera_ai", "keys", "generate"))).toMatch(/^--team\[its team/m);
  expect(await ask(given("dheera_ai", "eval", "folder"))).toMatch(/^--baseline\[the model/m);
});
