import type { Choices, NewFile } from "../choices.ts";

/** What makes the folder a project of its own for its package manager, whatever is around it, and what that wants set. */
export function ownProjectFiles({ packageManager, isYarnClassic }: Choices): readonly NewFile[] {
  if (packageManager === "pnpm") return [{ path: "pnpm-workspace.yaml", text: pnpmSettings() }];
  if (packageManager !== "yarn" || isYarnClassic) return [];
  return [
    // Packages are in `node_modules`, where tools and scripts look for them.
    { path: ".yarnrc.yml", text: "nodeLinker: node-modules\n" },
    { path: "yarn.lock", text: "" },
  ];
}

/** An install script that nobody has decided about is an error for pnpm 11 and newer. */
function pnpmSettings(): string {
  return `# This folder is a project of its own, whatever is around it.
# Nothing here needs the install scripts of these packages: one fetches libraries for graphics cards, one only warns.
allowBuilds:
${scripted.map((name) => `  ${name}: false\n`).join("")}
# The same for pnpm before 10.26.
ignoredBuiltDependencies:
${scripted.map((name) => `  - ${name}\n`).join("")}`;
}

const scripted = ["onnxruntime-node", "protobufjs"];
