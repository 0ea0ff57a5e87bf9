/**
 * Applies the changesets, and gives the Helm chart, the Kubernetes manifests and the Python package the new version.
 *
 *     pnpm release:version
 */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { releasedVersion, root } from "./packages.ts";

const places: readonly { readonly path: string; readonly pattern: RegExp }[] = [
  { path: "deploy/helm/dheera-ai/Chart.yaml", pattern: /(?<=^(?:version|appVersion): ).+/gm },
  { path: "deploy/kubernetes/kustomization.yaml", pattern: /(?<=newTag: ).+/g },
  { path: "python/pyproject.toml", pattern: /(?<=^version = ").+(?="$)/gm },
];

execFileSync("changeset", ["version"], { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
const version = await releasedVersion();
for (const { path, pattern } of places) {
  const file = join(root, path);
  await writeFile(file, (await readFile(file, "utf8")).replaceAll(pattern, version));
}
