import { type UserConfig, defineConfig, type Rolldown } from "tsdown";

/**
 * How a package that others import is built: ES modules, and CommonJS for Jest and for compilers that resolve like
 * Node.js 16. Node.js itself takes the ES modules either way (`module-sync`), so that no process has two copies.
 */
export function buildLibrary(
  entry: UserConfig["entry"],
  { plugins = [], codeSplitting = true }: LibraryOptions = {},
): UserConfig {
  return defineConfig({
    entry,
    format: ["esm", "cjs"],
    dts: true,
    fixedExtension: false,
    plugins,
    outputOptions: (options, format) => ({
      ...options,
      codeSplitting,
      // Jest cannot `import()` from CommonJS.
      ...(format === "cjs" && { dynamicImportInCjs: false }),
    }),
  });
}

interface LibraryOptions {
  readonly plugins?: UserConfig["plugins"];
  /** Which modules share a file; by default those that the same entries need. */
  readonly codeSplitting?: Rolldown.OutputOptions["codeSplitting"];
}
