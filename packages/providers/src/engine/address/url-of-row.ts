import { DheeraError } from "@dheera-ai/core";

import { matchesGlob } from "../glob.ts";
import type { Row } from "../row.ts";

/** What decides where a row's models are asked. */
export type RowAddress = Pick<Row, "name" | "base_path" | "base_endings">;

/** What stands for the braces in a path: `{model}` and the names of `path_parameters`. */
export type PathValues = Readonly<Record<string, string>>;

/**
 * The address to POST to: the base with the path after it. Nothing but the path of the base changes.
 * @param path With braces, as the row has it.
 * @throws DheeraError `invalid_request` where a name cannot stand in a path
 */
export function urlOfRow(row: RowAddress, base: URL, path: string, values: PathValues): string {
  const url = new URL(base);
  const before = row.base_path === "replace" ? [] : segmentsOf(rewriteEnding(base.pathname, row.base_endings));
  url.pathname = `/${join(before, segmentsOf(fillIn(path, values, row.name))).join("/")}`;
  return url.href;
}

/** The path for this host: that of the first glob in `path_by_host` that it matches, else the row's. */
export function pathFor({ path, path_by_host = {} }: Pick<Row, "path" | "path_by_host">, { hostname }: URL): string {
  return Object.entries(path_by_host).find(([host]) => matchesGlob(host, hostname))?.[1] ?? path;
}

/** The longest end that the base has counts, because it may end in another one too. */
function rewriteEnding(path: string, endings: Row["base_endings"] = {}): string {
  const whole = path.replace(/\/+$/, "");
  const [ending] = Object.keys(endings)
    .filter((end) => whole.endsWith(end))
    .toSorted((one, other) => other.length - one.length);
  return ending === undefined ? whole : whole.slice(0, -ending.length) + endings[ending];
}

function join(base: readonly string[], path: readonly string[]): readonly string[] {
  const afterVersion = path.slice(path.findIndex(isVersion) + 1);
  if (afterVersion.length > 0 && endsIn(base, afterVersion)) return base;
  // A base that ends in a version names everything up to it: `/inference/v1/rerank` after `…/v1` is `…/v1/rerank`.
  if (isVersion(base.at(-1) ?? "") && path.some(isVersion)) return [...base, ...afterVersion];
  for (let shared = Math.min(base.length, path.length); shared > 0; shared--)
    if (endsIn(base, path.slice(0, shared))) return [...base, ...path.slice(shared)];
  return [...base, ...path];
}

function endsIn(base: readonly string[], end: readonly string[]): boolean {
  const from = base.length - end.length;
  return from >= 0 && end.every((segment, index) => isSame(base[from + index] ?? "", segment));
}

/** Two versions are the same place: that of the base is what the operator wants. */
function isSame(one: string, other: string): boolean {
  return one === other || (isVersion(one) && isVersion(other));
}

function isVersion(segment: string): boolean {
  return /^v\d{1,3}$/.test(segment);
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").filter(Boolean);
}

function fillIn(path: string, values: PathValues, provider: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inPath(name, values[name] ?? "", provider));
}

/** A name may have slashes, `BAAI/bge-reranker`, but lead nowhere else: `..` would be resolved. */
function inPath(name: string, value: string, provider: string): string {
  const segments = value.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".."))
    throw new DheeraError(
      "invalid_request",
      `${name} cannot stand in the address of ${provider}; check how it is written`,
      {
        param: name,
        provider,
      },
    );
  return segments.map((segment) => encodeURIComponent(segment).replaceAll("%40", "@").replaceAll("%3A", ":")).join("/");
}
