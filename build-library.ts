import { type UserConfig, defineConfig } from "tsdown";

/**
 * How a package that others import is built: ES modules, and CommonJS for Jest and for compilers that resolve like
 * Node.js 16. Node.js itself takes the ES modules either way (`module-sync`), so that no process has two copies.
 */
export function buildLibrary(entry: UserConfig["entry"], plugins: UserConfig["plugins"] = []): UserConfig {
  return defineConfig({
    entry,
    format: ["esm", "cjs"],
    dts: true,
    fixedExtension: false,
    plugins,
    // Jest cannot `import()` from CommonJS.
    outputOptions: (options, format) => (format === "cjs" ? { ...options, dynamicImportInCjs: false } : options),
  });
}
