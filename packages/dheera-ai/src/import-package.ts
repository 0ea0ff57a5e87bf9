/**
 * Imports a package by its name, beside this package and then as seen from a folder. The name stays a variable, and
 * bundlers are told to leave it alone: they would look for packages that are not installed.
 * @throws what the import beside this package threw, where neither place has it
 */
export async function importPackage(name: string, directory: string | undefined): Promise<unknown> {
  try {
    return await importModule(name);
  } catch (error) {
    const require = directory === undefined ? undefined : requireFrom(name, directory);
    if (!require) throw error;
    return require(name);
  }
}

/** In a function of its own, which the program of the Python package has otherwise. */
function importModule(name: string): Promise<unknown> {
  return import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name);
}

/** By `require`, which knows Yarn's packages without a `node_modules` as well. Undefined where it does not find it. */
function requireFrom(name: string, directory: string): ((name: string) => unknown) | undefined {
  // Not imported, because bundles for browsers must not need them.
  const getBuiltin = typeof process === "undefined" ? undefined : process.getBuiltinModule;
  if (!getBuiltin) return undefined;
  const require = getBuiltin("node:module").createRequire(getBuiltin("node:path").resolve(directory, "any.js"));
  try {
    require.resolve(name);
    return require;
  } catch {
    return undefined;
  }
}
