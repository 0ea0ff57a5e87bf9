import { element } from "./element.ts";

const readMilliseconds = 10_000;

/** Saves a text as a file of the user. */
export function download(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: url, download: name }).click();
  // Some browsers read it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), readMilliseconds);
}
