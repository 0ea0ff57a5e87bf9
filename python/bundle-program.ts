import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Rolldown } from "tsdown";

import { bundleOptionalPackages, optionalPackagesAreFiles, reportsRunAFile } from "./optional-packages.ts";
import { loadBuiltinModulesLazily } from "../builtin-modules.ts";
import { root } from "../release/packages.ts";
import { joinLicenses, thirdPartyLicenses } from "../third-party-licenses.ts";

const name = "dheera_ai.mjs";

/**
 * Makes one file of the built command line and everything that it imports, further ones of the optional packages, and one
 * of the licences of what is in them.
 * @param folder of the program, emptied first
 * @param licenses path of the other file
 */
export async function bundleProgram(folder: string, licenses: string): Promise<void> {
  const build = await Rolldown.rolldown({
    input: "program",
    cwd: root,
    platform: "node",
    // Whether a package is imported or required is added for each: what requires one must not get its modules of the other kind.
    resolve: { conditionNames: ["module-sync", "node"] },
    plugins: [
      programEntry(),
      workersRunThisFile(),
      optionalPackagesAreFiles(),
      reportsRunAFile(),
      widthOfTextsIsInside(),
      loadBuiltinModulesLazily(),
    ],
    onLog(level, log) {
      // What cannot be resolved would be missing in the wheel.
      if (level === "warn") throw new Error(log.message);
    },
  });
  const { output } = await build.generate({ format: "esm", codeSplitting: false, minify: true, comments: false });
  await build.close();
  const [program, ...others] = output;
  if (others.length > 0) throw new Error(`the program is more than one file: ${others.map((file) => file.fileName)}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), program.code);
  const optionalModules = await bundleOptionalPackages(folder);
  const ofOurs = ["packages/core", "packages/bm25", "packages/mcp", "apps/proxy"].map((folderName) =>
    readFile(join(root, folderName, "dist/third-party-notices.txt"), "utf8"),
  );
  const ofOthers = await thirdPartyLicenses([...program.moduleIds, ...optionalModules]);
  await writeFile(licenses, joinLicenses([...(await Promise.all(ofOurs)), ofOthers]));
}

/** A worker of the proxy is this file again, in a process of `node:cluster`, which is loaded only where that can be. */
function programEntry(): Rolldown.Plugin {
  const main = JSON.stringify(join(root, "apps/cli/dist/main.js"));
  const worker = JSON.stringify(join(root, "apps/proxy/dist/worker.js"));
  return {
    name: "program-entry",
    resolveId: (id) => (id === "program" ? "\0program" : null),
    load: (id) =>
      id === "\0program"
        ? `const isWorker = process.send !== undefined && (await import("node:cluster")).default.isWorker;
           await (isWorker ? import(${worker}) : import(${main}));`
        : null,
  };
}

/** The proxy starts its workers from a file beside its own. */
function workersRunThisFile(): Rolldown.Plugin {
  let isFound = false;
  return {
    name: "workers-run-this-file",
    transform(code, id) {
      if (!id.includes("/apps/proxy/dist/") || !/\bsetupPrimary\(/.test(code)) return null;
      const changed = code.replace(/new URL\([^()]*"\.\/worker\.js"[^()]*, import\.meta\.url\)/, "import.meta.url");
      if (changed === code) throw new Error(`${id} starts its workers in another way; change python/bundle-program.ts`);
      isFound = true;
      return changed;
    },
    buildEnd(error) {
      if (!error && !isFound) throw new Error("no file of the proxy starts workers; change python/bundle-program.ts");
    },
  };
}

/** The command line requires the package when a text needs it; there are no packages beside this file. */
function widthOfTextsIsInside(): Rolldown.Plugin {
  let isFound = false;
  return {
    name: "width-of-texts-is-inside",
    transform(code, id) {
      if (!id.includes("/apps/cli/dist/") || !/["']string-width["']/.test(code)) return null;
      const changed = code.replace(
        /createRequire\(import\.meta\.url\)\((["'])string-width\1\)/,
        'require("string-width")',
      );
      if (changed === code)
        throw new Error(`${id} requires string-width in another way; change python/bundle-program.ts`);
      isFound = true;
      return changed;
    },
    buildEnd(error) {
      if (!error && !isFound) throw new Error("no file requires string-width; change python/bundle-program.ts");
    },
  };
}
