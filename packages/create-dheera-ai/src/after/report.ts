import type { Choices, NextStep } from "../choices.ts";
import type { Target } from "../folder/look-at-folder.ts";
import type { Written } from "../folder/write-files.ts";
import { factsOfModel } from "../templates/model.ts";

/** What `--json` prints. Secrets are in their files alone. */
export interface Report extends Written {
  readonly folder: string;
  readonly name: string;
  readonly template: Choices["template"];
  /** Absent for a provider. */
  readonly model?: string;
  readonly with: Choices["parts"];
  readonly packageManager: Choices["packageManager"];
  /** Variables of `.env` that somebody has to fill in. */
  readonly fillIn: readonly string[];
  readonly git: boolean;
  readonly installed: boolean;
  /** Whether the packages went to a workspace around the folder, which has the lock file. */
  readonly isInWorkspace: boolean;
  /** Why it is not installed, where it should be. */
  readonly problem?: string;
  readonly nextSteps: readonly NextStep[];
}

export function reportOf(
  choices: Choices,
  target: Target,
  outcome: Written &
    Pick<Report, "git" | "installed" | "isInWorkspace" | "nextSteps"> & { readonly problem: string | undefined },
): Report {
  const { name, template, model, parts, packageManager } = choices;
  const { problem, ...rest } = outcome;
  return {
    folder: target.path,
    name,
    template,
    ...(template !== "provider" && { model }),
    with: parts,
    packageManager,
    fillIn: template === "provider" ? [] : factsOfModel(model).variables.map((variable) => variable.name),
    ...rest,
    ...(problem !== undefined && { problem }),
  };
}

/** Said before anything is installed, which takes a while. */
export function sayWhatWasDone({ folder, template, model, parts }: Choices, written: Written): string {
  const { created, replaced, kept, completed } = written;
  const what = { proxy: "a proxy", provider: "a provider package", library: "a program" }[template];
  const place = folder === "." ? "this folder" : folder;
  const ranks = model === "" ? "" : `, which ranks by ${model}`;
  const beside = parts.length === 0 ? "" : `, with ${parts.join(" and ")}`;
  const lines = [
    `Created ${what} in ${place}${ranks}${beside}: ${created.length + replaced.length} files.`,
    ...(replaced.length > 0 ? [`Replaced: ${replaced.join(", ")}`] : []),
    ...kept.map((path) => `${completed.includes(path) ? "Kept, with what it lacked added" : "Kept"}: ${path}`),
    ...(template === "proxy" && kept.length === 0
      ? ["A master key is in .env, for you alone. Git leaves that file out, and so should you."]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

export function sayWhatIsNext({ fillIn, isInWorkspace, nextSteps, with: parts }: Report): string {
  const width = Math.max(...nextSteps.map(({ command }) => command.length));
  const steps = nextSteps.map(({ command, what }) =>
    what === "" ? `  ${command}` : `  ${command.padEnd(width)}  # ${what}`,
  );
  const wanted = fillIn.length === 0 ? "" : `\nFill in, in .env: ${fillIn.join(", ")}\n`;
  const place = "\nThe packages and the lock file are in the workspace around this folder";
  const image = parts.includes("docker") ? ": the image cannot be built from this folder alone" : "";
  return `${isInWorkspace ? `${place}${image}.\n` : ""}${wanted}\nNext:\n${steps.join("\n")}\n`;
}
