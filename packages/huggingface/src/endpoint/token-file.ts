import type { Environment } from "@dheera-ai/core/provider-utils";

/**
 * Where `hf auth login` stores the token (huggingface_hub, constants.py); undefined where there is no home directory.
 */
export function tokenFilePath(environment: Environment): string | undefined {
  const home = environment["HOME"] || environment["USERPROFILE"];
  const expand = (path: string): string => (home && path.startsWith("~/") ? home + path.slice(1) : path);

  if (environment["HF_TOKEN_PATH"]) return expand(environment["HF_TOKEN_PATH"]);
  if (environment["HF_HOME"]) return `${expand(environment["HF_HOME"])}/token`;
  if (environment["XDG_CACHE_HOME"]) return `${expand(environment["XDG_CACHE_HOME"])}/huggingface/token`;
  return home ? `${home}/.cache/huggingface/token` : undefined;
}

/** Imported when needed, because runtimes other than Node.js may have no file system. */
export async function readTextFile(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path, "utf8");
}
