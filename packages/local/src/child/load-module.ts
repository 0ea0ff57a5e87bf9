import { pathToFileURL } from "node:url";

/**
 * Imports a module by its path, whether it is an ES module or CommonJS, whose names a namespace does not always have.
 * @param is Whether it is what is expected.
 * @throws Error whose message is a sentence for the operator
 */
export async function loadModule<Module>(path: string, is: (module: unknown) => module is Module): Promise<Module> {
  const loaded: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new Error(`${path} cannot be loaded: ${firstLine(error)}`, { cause: error });
  });
  if (is(loaded)) return loaded;
  if (typeof loaded === "object" && loaded !== null && "default" in loaded && is(loaded.default)) return loaded.default;
  throw new Error(`${path} is not the module that is expected there; install it again`);
}

/** What a library says, as part of a sentence. */
export function firstLine(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
