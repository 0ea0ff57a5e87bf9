import { importPackage } from "dheera-ai";

import { Failure } from "./errors.ts";

/** What `@dheera-ai/local` does with models of the Hugging Face Hub. */
export type LocalHub = typeof import("@dheera-ai/local/hub");

const packageName = "@dheera-ai/local";

/** Loads it, beside this program or from the working directory. @throws Failure that says what to install */
export async function loadLocalHub(): Promise<LocalHub> {
  const module = await importPackage(`${packageName}/hub`, ".").catch((error: unknown) => {
    throw new Failure(`this needs the package ${packageName}: npm install ${packageName}`, { cause: error });
  });
  if (isLocalHub(module)) return module;
  throw new Failure(`this needs the package ${packageName} in the version of dheera_ai: npm install ${packageName}`);
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
