import { importPackage } from "dheera-ai";

import { Failure } from "../errors.ts";

/** What `@dheera-ai/local` does with models of the Hugging Face Hub. */
export type LocalHub = typeof import("@dheera-ai/local/hub");

const packageName = "@dheera-ai/local";

/**
 * Loads it, beside this program or from the working directory.
 * @throws Failure that says what to install
 */
export async function loadLocalHub(load: typeof importPackage = importPackage): Promise<LocalHub> {
  const module = await load(`${packageName}/hub`, ".").catch((error: unknown) => {
    const remedy = isAbsent(error) ? `: npm install ${packageName}` : `, which cannot be loaded (${firstLine(error)})`;
    throw new Failure(`this needs the package ${packageName}${remedy}`, { cause: error });
  });
  if (isLocalHub(module)) return module;
  throw new Failure(`this needs the package ${packageName} in the version of dheera_ai: npm install ${packageName}`);
}

/** Whether the package itself is not there, rather than something that it imports. */
function isAbsent(error: unknown): boolean {
  return error instanceof Error && error.message.split(/[\s'"`,;:]+/).includes(packageName);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

function isLocalHub(module: unknown): module is LocalHub {
  return (
    typeof module === "object" &&
    module !== null &&
    "planPull" in module &&
    "listModels" in module &&
    "remove" in module
  );
}
