import { mkdir, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Files of a model by their paths: a number is a file of so many bytes, an object is written as JSON, a text as it is.
 */
export type ModelFiles = Readonly<Record<string, number | string | object>>;

export async function writeModel(folder: string, files: ModelFiles): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, textOf(content));
    if (typeof content === "number") await truncate(path, content);
  }
}

function textOf(content: number | string | object): string {
  if (typeof content === "number") return "";
  return typeof content === "string" ? content : JSON.stringify(content);
}
