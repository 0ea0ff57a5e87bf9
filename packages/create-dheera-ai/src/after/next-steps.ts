import type { Choices, NextStep } from "../choices.ts";
import { runScript } from "../command-line/package-manager.ts";

/** What to type next, in this order. */
export function stepsAfter(choices: Choices, isInstalled: boolean): readonly NextStep[] {
  const { folder, packageManager, template, model } = choices;
  const run = (script: string, what: string): NextStep => ({ command: runScript(packageManager, script), what });
  const download = model.startsWith("local/") ? [run("pull", "downloads the model, once")] : [];
  const own = {
    proxy: [
      ...download,
      run("start", "serves http://localhost:4000, until ctrl-c"),
      run("ask", "in another terminal: a first ranking"),
      run("test", "starts it on a free port and asks it"),
    ],
    provider: [
      run("test", "the contract suite"),
      run("build", "dist/, which others import"),
      { command: "npm pack", what: "the package as one file" },
    ],
    library: [...download, run("start", "ranks"), run("test", "checks the ranking")],
  } satisfies Record<Choices["template"], readonly NextStep[]>;
  return [
    ...(folder === "." ? [] : [{ command: `cd ${quote(folder)}`, what: "" }]),
    ...(isInstalled ? [] : [{ command: `${packageManager} install`, what: "" }]),
    ...own[template],
  ];
}

/** For a shell, which makes another folder of ~name, and a flag of -name. A name with a double quote is refused before. */
function quote(typed: string): string {
  const folder = typed.startsWith("-") ? `./${typed}` : typed;
  return /^[\w@./+-]+$/.test(folder) ? folder : `"${folder.replaceAll(/[$`\\]/g, "\\$&")}"`;
}
