import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as v from "valibot";

/** What the site is of, and where it will be. */
export interface Release {
  /** As it is shown: `0.1.0`. */
  readonly version: string;
  /** The branch or tag in the repository that links to sources name. */
  readonly tag: string;
  /** Where the site will be, with a slash at both ends. */
  readonly base: string;
  /** The address of the repository as a browser shows it, without a slash at its end. */
  readonly repository: string;
}

/** What the repository says of itself, where nothing else is said. */
export function readRelease(root: string, said: Partial<Pick<Release, "version" | "tag" | "base">>): Release {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), "utf8"));
  const { version } = v.parse(v.object({ version: v.string() }), read("packages/dheera-ai/package.json"));
  const { repository } = v.parse(v.object({ repository: v.string() }), read("release/metadata.json"));
  const base = `/${said.base ?? ""}/`.replaceAll(/\/+/g, "/");
  return { version: said.version ?? version, tag: said.tag ?? "main", base, repository: repository.replace(/\/$/, "") };
}
