import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { Rolldown } from "tsdown";

import { optionalPackages } from "../packages/dheera-ai/src/optional-providers.ts";
import { loadBuiltinModulesLazily } from "../builtin-modules.ts";
import { root } from "../release/packages.ts";

/** Of the files, beside the program. */
const optional = "optional";
const scope = "@dheera-ai/";
/** What the command line imports of a package beside the provider. */
const furtherEntries = ["local/hub", "local/tuning"];
/** What runs in the child processes of local models, which the package finds beside itself. */
const childProgram = "local-child";
/** What runs in the processes that make reports of SQLite, which the program starts. */
const readerProgram = "sqlite-reader";

/**
 * Makes a file of each optional package, and of what several of them import. They are no part of the program, so that it
 * starts as fast as without them.
 * @param folder of the program
 * @returns the paths of all modules that are in them
 */
export async function bundleOptionalPackages(folder: string): Promise<readonly string[]> {
  const names = optionalPackages.map((entry) => entry.package.slice(scope.length));
  const build = await Rolldown.rolldown({
    input: {
      ...Object.fromEntries(names.map((name) => [name, join(root, "packages", name, "dist/index.js")])),
      ...Object.fromEntries(
        furtherEntries.map((name) => [name, join(root, "packages", dirname(name), `dist/${basename(name)}.js`)]),
      ),
      [childProgram]: join(root, "packages/local/dist/child.js"),
      [readerProgram]: join(root, "packages/teams/dist/sqlite-reader.js"),
    },
    cwd: root,
    platform: "node",
    resolve: { conditionNames: ["module-sync", "node", "import", "default"] },
    plugins: [childrenRunAFile(), loadBuiltinModulesLazily()],
    onLog(level, log) {
      if (level === "warn") throw new Error(log.message);
    },
  });
  const { output } = await build.generate({
    format: "esm",
    minify: true,
    comments: false,
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
  });
  await build.close();
  return (
    await Promise.all(
      output.map(async (file) => {
        if (file.type !== "chunk") throw new Error(`${file.fileName} is not code`);
        const path = join(folder, optional, file.fileName);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, file.code);
        return file.moduleIds;
      }),
    )
  ).flat();
}

/** Node.js takes `.mjs` for a module wherever it is. */
function childrenRunAFile(): Rolldown.Plugin {
  return {
    name: "children-run-a-file",
    transform(code, id) {
      if (!id.includes("/packages/local/dist/") || !code.includes("child.js")) return null;
      const changed = code.replace(/(["'`])\.\/child\.js\1/, `"./${childProgram}.mjs"`);
      if (changed === code)
        throw new Error(`${id} starts its children in another way; change python/optional-packages.ts`);
      return changed;
    },
  };
}

/** A program of its own beside the packages that are loaded when they are used. */
export function reportsRunAFile(): Rolldown.Plugin {
  return {
    name: "reports-run-a-file",
    transform(code, id) {
      if (!id.includes("/packages/teams/dist/") || !code.includes("sqlite-reader.js")) return null;
      const changed = code.replace(
        /(["'`])\.\/sqlite-reader\.js\1/,
        JSON.stringify(`./${optional}/${readerProgram}.mjs`),
      );
      if (changed === code)
        throw new Error(`${id} starts what makes reports in another way; change python/optional-packages.ts`);
      return changed;
    },
  };
}

/** The program imports them as files beside it, where the library looks for installed packages. */
export function optionalPackagesAreFiles(): Rolldown.Plugin {
  return {
    name: "optional-packages-are-files",
    transform(code, id) {
      if (!id.endsWith("/packages/dheera-ai/dist/index.js")) return null;
      const file = `new URL("./${optional}/" + name.slice(${scope.length}) + ".mjs", import.meta.url).href`;
      const changed = code.replace(/return import\((?:\s*\/\*[^*]*\*\/)*\s*name\s*\)/, `return import(${file})`);
      if (changed === code)
        throw new Error(`${id} imports packages in another way; change python/optional-packages.ts`);
      return changed;
    },
  };
}
