import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import type { Gateway } from "@dheera-ai/proxy";

import { withMembers } from "./resolve-model.ts";

/**
 * Which models serve a name now, those that it asks included: a digest of what their servers and files say that they are.
 * Undefined where one does not say it, because it cannot be reached or stands for a wildcard. Profiles must have been
 * asked for before.
 * @param plugins of `digestOfPlugins`
 */
export function revisionOf(
  name: string,
  gateway: Pick<Gateway, "config" | "dheera">,
  plugins: string,
): string | undefined {
  const fingerprints: string[] = [];
  for (const { deployments } of withMembers([name], gateway).values())
    for (const { profile } of deployments) {
      if (!profile) return undefined;
      fingerprints.push(profile.fingerprint);
    }
  return createHash("sha256")
    .update(JSON.stringify([fingerprints.toSorted(), plugins]))
    .digest("hex");
}

/** Of the files of all plug-ins: what they import is not looked at, nor are packages, whose versions are not known here. */
export async function digestOfPlugins({ plugins }: Gateway["config"], folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const plugin of plugins) {
    const isPath = plugin.startsWith(".") || plugin.startsWith("/");
    const file = isPath ? await readFile(resolve(folder, plugin)).catch(() => undefined) : undefined;
    hash.update(`${file?.length ?? plugin}:`).update(file ?? "");
  }
  return hash.digest("hex");
}
