import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import * as v from "valibot";
import { parseAllDocuments } from "yaml";

import { createFolder } from "../../test/support/temporary-folder.ts";

const deploy = join(import.meta.dirname, "..");
const run = promisify(execFile);

const manifest = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject({ name: v.string() }),
  spec: v.optional(v.unknown()),
});
/** An object for Kubernetes. */
export type Manifest = v.InferOutput<typeof manifest>;

/** The objects of a text of several YAML documents. */
export function parseManifests(text: string): readonly Manifest[] {
  return v.parse(
    v.array(manifest),
    parseAllDocuments(text).map((document) => document.toJS()),
  );
}

/** The plain manifests, as `kubectl` renders them without a cluster. */
export async function renderKustomization(folder = "kubernetes"): Promise<readonly Manifest[]> {
  return parseManifests((await run("kubectl", ["kustomize", join(deploy, folder)])).stdout);
}

/**
 * @param name of any when absent
 * @throws Error when there is none of that kind
 */
export function findKind(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.find(
    (candidate) => candidate.kind === kind && (name === undefined || candidate.metadata.name === name),
  );
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
}

/** @throws Error when a value does not fit the schema of Kubernetes for the object's kind */
export async function validateAgainstSchema(object: Manifest): Promise<void> {
  const { apiVersion, kind } = object;
  const module: unknown = await import(/* @vite-ignore */ `${packageOf(apiVersion)}/${apiVersion}/${kind}`);
  const { [kind]: Model } = v.parse(v.record(v.string(), modelClass), module);
  if (!Model) throw new Error(`there is no schema of ${apiVersion} ${kind}`);
  new Model(object).validate();
}

/** What the compiler says of keys that Kubernetes does not know; empty when there are none. */
export async function findUnknownKeys(manifests: readonly Manifest[]): Promise<string> {
  await using folder = await createFolder({
    "manifests.ts": manifests.map(literalOf).join("\n"),
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        noEmit: true,
        strict: true,
        skipLibCheck: true,
        target: "es2023",
        module: "nodenext",
        types: [],
        paths: Object.fromEntries(
          ["kubernetes-models", "@kubernetes-models/keda"].map((name) => [
            `${name}/*`,
            [join(deploy, `node_modules/${name}/*.d.ts`)],
          ]),
        ),
      },
      files: ["manifests.ts"],
    }),
  });
  const { stdout } = await run(join(deploy, "../node_modules/.bin/tsc"), ["--project", folder.path]).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

interface Model {
  validate(): void;
}
const modelClass = v.custom<new (data: Manifest) => Model>((value) => typeof value === "function");

/** TypeScript refuses keys of a literal that its type does not have. */
function literalOf(object: Manifest, at: number): string {
  const { apiVersion, kind } = object;
  return [
    `import type { I${kind} as Kind${at} } from "${packageOf(apiVersion)}/${apiVersion}/${kind}";`,
    `export const object${at}: Kind${at} = ${JSON.stringify(object, null, 2)};`,
  ].join("\n");
}

/** Kubernetes' own kinds, or those of KEDA. */
function packageOf(apiVersion: string): string {
  return apiVersion.startsWith("keda.sh/") ? "@kubernetes-models/keda" : "kubernetes-models";
}
