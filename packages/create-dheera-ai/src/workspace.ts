import { readFileSync } from "node:fs";

import { type KnownProvider, knownProviders } from "@dheera-ai/providers";
import * as v from "valibot";
import { parse } from "yaml";

/** A provider as far as a first configuration needs it. */
export interface ProviderFacts {
  /** The prefix in `model: <name>/<model>`. */
  readonly name: string;
  readonly label: string;
  /** Packages that have to be installed beside the command line or the library. */
  readonly packages: readonly string[];
  /** The variable with its key; absent where none is needed, or where credentials come from elsewhere. */
  readonly key?: string;
  /** The variable with its address, where it has none of its own. */
  readonly address?: string;
  /** Further parameters that a deployment needs, with values to show. */
  readonly example: Readonly<Record<string, string>>;
}

/** What is known of the workspace when this package is built: the build puts the value in place of this module. */
export interface Workspace {
  /** Of all packages that are published together. */
  readonly version: string;
  /** `https://…`, where the sources are. */
  readonly repository: string;
  /** Ranges of packages from elsewhere, as this workspace uses them. */
  readonly ranges: Readonly<Record<string, string>>;
  readonly providers: readonly ProviderFacts[];
  /** Files of the examples that templates are made of, by path from the root. */
  readonly files: Readonly<Record<string, string>>;
}

const fromRoot = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

const { version, repository } = v.parse(
  v.object({ version: v.string(), repository: v.object({ url: v.string() }) }),
  JSON.parse(fromRoot("packages/create-dheera-ai/package.json")),
);
const { catalog } = v.parse(
  v.object({ catalog: v.record(v.string(), v.string()) }),
  parse(fromRoot("pnpm-workspace.yaml")),
);

export const workspace: Workspace = {
  version,
  repository: repository.url.replace(/^git\+/, "").replace(/\.git$/, ""),
  ranges: Object.fromEntries(
    [
      "@arethetypeswrong/cli",
      "@types/node",
      "onnxruntime-node",
      "publint",
      "tokenizers",
      "tsdown",
      "typescript",
      "valibot",
      "vitest",
    ].map((name) => [name, (catalog[name] ?? "*").replace(/^\d/, "^$&")]),
  ),
  providers: knownProviders().map(factsOf),
  files: Object.fromEntries(
    [
      "examples/custom-provider/config.yaml",
      "examples/custom-provider/package.json",
      "examples/custom-provider/src/index.test.ts",
      "examples/custom-provider/src/index.ts",
      "examples/custom-provider/tsconfig.json",
      "examples/custom-provider/tsdown.config.ts",
      "examples/quickstart/main.ts",
      "packages/create-dheera-ai/src/templates/proxy/ask.js",
      "packages/create-dheera-ai/src/templates/proxy/dheera_ai.js",
      "packages/create-dheera-ai/src/templates/proxy/smoke.test.js",
    ].map((path) => [path, fromRoot(path)]),
  ),
};

function factsOf(known: KnownProvider): ProviderFacts {
  const { name, label, package: own, runtime = [], api_base, runs_here, example = {} } = known;
  const [key] = known.api_key_env;
  const [address] = known.api_base_env;
  // Packages find addresses and credentials in more than one place, and say themselves what they lack.
  const isRow = own === undefined;
  return {
    name,
    label,
    packages: [...(isRow ? [] : [own]), ...runtime],
    ...(isRow && key !== undefined && { key }),
    ...(isRow && api_base === undefined && !runs_here && address !== undefined && { address }),
    example,
  };
}
