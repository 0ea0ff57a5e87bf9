import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { needs } from "./support/programs.ts";
import { createFolder } from "./support/temporary-folder.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const execute = promisify(execFile);

/** What a real shell makes of the script that `dheera_ai completion` prints for it. */
async function ask(shell: "bash" | "zsh" | "fish", question: (script: string) => string): Promise<string> {
  const command = ["-C", "source", `${root}/apps/cli/src/main.ts`, "completion", shell];
  const { stdout } = await execute(process.execPath, command);
  await using folder = await createFolder({ script: stdout });
  return (await execute(shell, ["-c", question(`${folder.path}/script`)])).stdout;
}

function inBash(words: readonly string[]): (script: string) => string {
  return (script) =>
    `source ${script}; COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _dheera_ai; printf '%s\\n' "\${COMPREPLY[@]}"`;
}

it("bash completes commands and their options", needs("bash"), async () => {
  expect(await ask("bash", inBash(["dheera_ai", "rer"]))).toBe("rerank\n");
  expect(await ask("bash", inBash(["dheera_ai", "rerank", "--top"]))).toBe("--top_n\n");
  expect(await ask("bash", inBash(["dheera_ai", "--num"]))).toBe("--num_workers\n");
});

it("fish completes commands and their options, with what they mean", needs("fish"), async () => {
  const complete = (line: string) => (script: string) => `source ${script}; complete -C "${line}"`;
  expect(await ask("fish", complete("dheera_ai rer"))).toMatch(/^rerank\tRank documents/);
  expect(await ask("fish", complete("dheera_ai rerank --top"))).toMatch(/^--top_n\thow many results/);
  expect(await ask("fish", complete("dheera_ai --num"))).toMatch(/^--num_workers\tprocesses/);
});

it("zsh takes the script for the command's completion", needs("zsh"), async () => {
  const load = (script: string): string =>
    `autoload -Uz compinit && compinit -u -D && source ${script} && echo $_comps[dheera_ai]`;
  expect(await ask("zsh", load)).toBe("_dheera_ai\n");
});
