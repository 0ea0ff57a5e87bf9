import { mkdir, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";
import { esmExternalRequirePlugin } from "rolldown/plugins";
import { expect, it } from "vitest";

import { createFolder } from "../../test/support/temporary-folder.ts";
import { startWorkerd } from "./start-workerd.ts";

/** Says what comes of a local model there, and that the rest of the library works. */
const worker = `
import { createDheera } from "@dheera-ai/core";
import { bm25 } from ${JSON.stringify(source("bm25"))};
import { local } from ${JSON.stringify(source("local"))};

const ask = async (model) => {
  try {
    const dheera = createDheera({ providers: [bm25(), local()] });
    const { results } = await dheera.rerank({ model, query: "moon", documents: ["a sun", "the moon"] });
    return "best: " + results[0].index;
  } catch ({ code, message }) {
    return code + ": " + message;
  }
};
export default {
  fetch: async () => new Response(JSON.stringify([await ask("bm25/default"), await ask("local/acme/model")])),
};`;

it("imports the package for local models without harm, which says that they do not run there", async () => {
  await using folder = await createFolder({ "worker.ts": worker, "config.capnp": config });
  const bundle = await rolldown({
    input: `${folder.path}/worker.ts`,
    platform: "browser",
    resolve: {
      conditionNames: ["source", "workerd", "worker", "browser", "import", "default"],
      alias: { "@dheera-ai/core": source("core") },
    },
    plugins: [esmExternalRequirePlugin({ external: [/^node:/, ...builtinModules] })],
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await mkdir(`${folder.path}/dist`);
  await writeFile(`${folder.path}/dist/worker.js`, output[0].code);
  await using workerd = await startWorkerd(`${folder.path}/config.capnp`);
  expect(await (await fetch(workerd.url)).json()).toEqual([
    "best: 1",
    expect.stringMatching(
      /^invalid_request: local\/… runs its models in child processes, which this runtime does not have/,
    ),
  ]);
});

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "dist/worker.js")],
  compatibilityDate = "2026-11-01",
);`;

function source(name: string): string {
  return fileURLToPath(new URL(`../../packages/${name}/src/index.ts`, import.meta.url));
}
