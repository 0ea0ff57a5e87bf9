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

/**
 * Asked of the runtime and not imported, because a bundler for browsers resolves every import that it reads, and a runtime
 * without a file system has none to give.
 * @throws Error where there is no such file, or no file system.
 */
export async function readTextFile(path: string): Promise<string> {
  const files = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (!files) throw new Error("this runtime has no file system");
  return files.readFile(path, "utf8");
}
