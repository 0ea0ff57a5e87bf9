import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";

import { publishedFolders, root } from "./packages.ts";

/**
 * What only the owner of the project can say. It stands in `release/metadata.json` and is copied from there to every
 * place that shows it.
 */
export interface Metadata {
  /** Where the sources are, as a browser shows them. */
  readonly repository: string;
  readonly homepage: string;
  /** Where bugs are reported. */
  readonly bugs: string;
  /** `Name <address>`, as in package.json. */
  readonly author: string;
  /** The mail address for reports of vulnerabilities. */
  readonly security: string;
  /** The container image, without a tag. */
  readonly image: string;
}

export async function readMetadata(): Promise<Metadata> {
  return v.parse(metadataSchema, JSON.parse(await readFile(join(root, "release/metadata.json"), "utf8")));
}

/** The fields that nobody has filled in: example.invalid is a name that never exists (RFC 2606). */
export function placeholdersOf(metadata: Metadata): readonly string[] {
  return Object.entries(metadata)
    .filter(([, value]) => value.includes("example.invalid"))
    .map(([field]) => field);
}

/** A file that shows metadata, and how its text follows from them. */
export interface Place {
  /** From the root of the repository. */
  readonly path: string;
  readonly write: (text: string, metadata: Metadata) => string;
}

export async function placesOfMetadata(): Promise<readonly Place[]> {
  const manifests = (await publishedFolders()).map((folder) => ({
    path: `${folder}/package.json`,
    write: (text: string, metadata: Metadata) => writeManifest(text, folder, metadata),
  }));
  return [...manifests, ...pages];
}

const pages: readonly Place[] = [
  { path: "SECURITY.md", write: (text, { security }) => replaceOnce(text, /(?<=<)[^<>\s]+@[^<>\s]+(?=>)/g, security) },
  {
    path: ".github/ISSUE_TEMPLATE/config.yml",
    write: (text, { repository }) => replaceOnce(text, /(?<=url: )\S+(?=\/security\/policy)/g, repository),
  },
  {
    path: "deploy/kubernetes/kustomization.yaml",
    write: (text, { image }) => replaceOnce(text, /(?<=newName: ).+/g, image),
  },
  {
    path: "deploy/helm/dheera-ai/values.yaml",
    write: (text, { image }) => replaceOnce(text, /(?<=^ {2}repository: ).+/gm, image),
  },
  {
    path: "deploy/helm/dheera-ai/Chart.yaml",
    write: (text, { homepage, repository }) =>
      replaceOnce(replaceOnce(text, /(?<=^home: ).+/gm, homepage), /(?<=^sources: \[).+(?=\]$)/gm, repository),
  },
  { path: "python/pyproject.toml", write: writePythonProject },
];

function writePythonProject(text: string, { repository, homepage, bugs, author }: Metadata): string {
  const [, name = author, email] = /^(.*?) *<(.*)>$/.exec(author) ?? [];
  const person = [
    `name = ${JSON.stringify(name)}`,
    ...(email === undefined ? [] : [`email = ${JSON.stringify(email)}`]),
  ];
  const parts = [
    [/(?<=^authors = \[\{ ).+(?= \}\]$)/gm, person.join(", ")],
    [/(?<=^Homepage = ").+(?="$)/gm, homepage],
    [/(?<=^Issues = ").+(?="$)/gm, bugs],
    [/(?<=^Source = ").+(?="$)/gm, repository],
  ] as const;
  return parts.reduce((written, [pattern, value]) => replaceOnce(written, pattern, value), text);
}

function writeManifest(text: string, folder: string, { repository, homepage, bugs, author }: Metadata): string {
  const manifest = {
    ...v.parse(v.looseObject({}), JSON.parse(text)),
    homepage,
    bugs,
    author,
    // npm compares the address with the repository that a provenance statement names.
    repository: { type: "git", url: `git+${repository}.git`, directory: folder },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** @throws Error when the text has no such part, or several: then the pattern above and the file have parted */
function replaceOnce(text: string, pattern: RegExp, value: string): string {
  const found = [...text.matchAll(pattern)].length;
  if (found !== 1) throw new Error(`${pattern.source} is in the text ${found} times instead of once`);
  return text.replace(pattern, () => value);
}

const text = v.pipe(v.string(), v.nonEmpty());
const metadataSchema = v.strictObject({
  repository: text,
  homepage: text,
  bugs: text,
  author: text,
  security: text,
  image: text,
});
