import type { Choices, NewFile } from "../choices.ts";

/**
 * What a folder of Yarn has from the beginning: packages in `node_modules`, where tools and scripts look for them, and
 * an empty lock file, which says that it is a project of its own whatever is around it.
 */
export function yarnFiles({ packageManager, isYarnClassic }: Choices): readonly NewFile[] {
  if (packageManager !== "yarn" || isYarnClassic) return [];
  return [
    { path: ".yarnrc.yml", text: "nodeLinker: node-modules\n" },
    { path: "yarn.lock", text: "" },
  ];
}
