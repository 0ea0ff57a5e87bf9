import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** What one can import, with a page of its own. */
export interface EntryPoint {
  /** As it is imported: `@dheera-ai/core/testing`. */
  readonly specifier: string;
  /** Its page, without the ending. */
  readonly page: string;
  /** The whole path of its source. */
  readonly source: string;
  /** What its package says of itself. */
  readonly about: string;
  /** The folder of its package, from the root of the repository. */
  readonly folder: string;
}

/** Imports that are for other packages of this repository alone, which may change in any release. */
const internal: ReadonlySet<string> = new Set([
  "@dheera-ai/cache/redis-link",
  "@dheera-ai/core/request-schema",
  "@dheera-ai/local/hub",
  "@dheera-ai/local/tuning",
  "@dheera-ai/teams",
  "@dheera-ai/teams/litellm",
]);

/** Has what the others have too, which is described there. */
const last = "packages/dheera-ai/package.json";

/** Every import of every package that is published, by the `source` that its package.json names. */
export function entryPoints(): readonly EntryPoint[] {
  const found = globSync("packages/*/package.json", { cwd: root }).toSorted();
  const manifests = [...found.filter((path) => path !== last), last];
  return manifests.flatMap((manifest) => {
    const {
      name,
      description: about = "",
      exports: paths = {},
      private: isPrivate = false,
    } = readManifest(join(root, manifest));
    if (isPrivate) return [];
    return Object.entries(paths).flatMap(([path, target]) => {
      const specifier = `${name}${path.slice(1)}`;
      const source = typeof target === "object" ? target.source : undefined;
      if (source === undefined || internal.has(specifier)) return [];
      const page = specifier.replace("@dheera-ai/", "").replaceAll("/", "-");
      return [{ specifier, page, source: join(root, dirname(manifest), source), about, folder: dirname(manifest) }];
    });
  });
}

interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | { readonly source?: string }>>;
}

function readManifest(path: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(path, "utf8"));
  return manifest;
}
