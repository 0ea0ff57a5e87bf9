import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { describeFileError } from "../describe-file-error.ts";
import type { Terminal } from "../terminal.ts";

/** Undefined, with a warning, where the user's cache cannot be written: that must not keep anybody from ranking. */
export async function keptFileFor(
  collection: string,
  { environment, printError }: Pick<Terminal, "environment" | "printError">,
): Promise<string | undefined> {
  const file = keptFileOf(collection, environment);
  try {
    await mkdir(dirname(file), { recursive: true });
    await access(dirname(file), constants.W_OK);
    return file;
  } catch (error) {
    printError(
      `warning: rankings are not kept, so that another run asks for all of them again: ${dirname(file)}: ${describeFileError(error) ?? String(error)}; --scores FILE names another place`,
    );
    return undefined;
  }
}

/**
 * The file in which rankings of a collection are kept: in the user's cache, by the collection's name. What belongs to what is
 * in its lines, so that collections of the same name may share one.
 */
function keptFileOf(collection: string, environment: Terminal["environment"]): string {
  const name =
    collection
      .replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
      .replace(/^[.-]+/, "")
      .slice(0, 100) || "collection";
  return join(cacheFolder(environment), "dheera_ai", "eval", `${name}.jsonl`);
}

/** As each system wants it. An empty variable counts as absent. */
function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA, HOME }: Terminal["environment"]): string {
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME;
  return LOCALAPPDATA || join(HOME || homedir(), ".cache");
}
