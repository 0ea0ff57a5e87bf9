import { isBuiltin } from "node:module";

import type { Rolldown } from "tsdown";

/**
 * Loads modules of Node.js when the code that imports them runs. In one file all imports would be loaded at its start;
 * and an `import` of one reads all that it exports, what `node:http` has of the runtime's own `fetch` as well, which takes longer than
 * all else. For programs alone: a library runs where nothing can be asked for these modules.
 */
export function loadBuiltinModulesLazily(): Rolldown.Plugin {
  const prefix = "\0lazy:";
  return {
    name: "load-builtin-modules-lazily",
    resolveId: {
      // Before it is decided what is no part of the bundle.
      order: "pre",
      filter: { id: /^(node:)?[a-z][a-z0-9_/]*$/ },
      handler(id, importer = "", { kind }) {
        if (/\.d\.[cm]?ts$/.test(importer)) return null;
        // What is required is written below, and the bundle's own beginning may need `node:module`.
        const isOther = kind === "require-call" || nameOf(id) === undefined || nameOf(id) === "node:module";
        return isOther ? null : `${prefix}${nameOf(id)}`;
      },
    },
    load: {
      filter: { id: /^\0lazy:/ },
      handler(id) {
        const name = id.slice(prefix.length);
        const names = Object.keys(process.getBuiltinModule(name) ?? {}).filter(
          (exported) => /^[A-Za-z]\w*$/.test(exported) && exported !== "default" && !ofFetch.has(exported),
        );
        const builtin = `process.getBuiltinModule(${JSON.stringify(name)})`;
        return [
          `const builtin = /*#__PURE__*/ (() => ${builtin})();`,
          "export default builtin;",
          ...names.map((exported) => `export const ${exported} = /*#__PURE__*/ (() => builtin.${exported})();`),
        ].join("\n");
      },
    },
    transform: {
      filter: { id: /node_modules/, code: /\brequire\(/ },
      // A `require` of the bundle's own would be made where it begins, by the address of its file, which not every runtime has.
      handler: (code) =>
        code.replaceAll(/\brequire\((["'])([\w:/]+)\1\)/g, (call: string, _quote: string, id: string) => {
          const name = nameOf(id);
          return name === undefined ? call : `globalThis.process.getBuiltinModule(${JSON.stringify(name)})`;
        }),
    },
  };
}

/** `node:fs` for `fs` and for itself; undefined for what Node.js does not have. */
function nameOf(id: string): string | undefined {
  const name = id.startsWith("node:") ? id : `node:${id}`;
  return isBuiltin(name) ? name : undefined;
}

/** Of `node:http`: looking at one loads the runtime's own `fetch`. */
const ofFetch = new Set(["CloseEvent", "MessageEvent", "WebSocket"]);
