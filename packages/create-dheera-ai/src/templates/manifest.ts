import { workspace } from "../workspace.ts";

/** The range of a package, as a new package.json names it: of ours the version that this was published with. */
export function rangeOf(name: string): string {
  if (/^(@dheera-ai\/|dheera-ai$)/.test(name)) return `^${workspace.version}`;
  const range = workspace.ranges[name];
  if (range === undefined) throw new Error(`the build has no range for ${name}`);
  return range;
}

export function rangesOf(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.toSorted().map((name) => [name, rangeOf(name)]));
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A file of the workspace that a template is made of. */
export function fileOf(path: string): string {
  const text = workspace.files[path];
  if (text === undefined) throw new Error(`the build has no ${path}`);
  return text;
}

/** Where a page of the documentation is. */
export function pageUrl(page: string): string {
  return `${workspace.repository}/blob/main/docs/${page}`;
}

/** @throws Error where the text has no such part: then the example and the template have parted */
export function replaceOnce(text: string, part: string | RegExp, replacement: string): string {
  const replaced = text.replace(part, () => replacement);
  if (replaced === text && !text.includes(replacement)) throw new Error(`the example has no ${String(part)}`);
  return replaced;
}

/** For whoever installs again what runs models of this machine. The first installation leaves them out by itself. */
export const onnxRuntimeNote: string =
  "On Linux set `ONNXRUNTIME_NODE_INSTALL=skip` when you install again: it leaves out libraries for graphics cards, hundreds of megabytes that nothing here uses.";
