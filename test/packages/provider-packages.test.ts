import { join } from "node:path";

import { withServer } from "@dheera-ai/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { faultsOf } from "../../release/faults.ts";
import { type PackedPackage, packAll, publishedFolders, root } from "../../release/packages.ts";
import { startProgram } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { execute } from "./clients.ts";
import { startRegistry } from "./registry.ts";

const templates = ["examples/custom-provider", "examples/token-exchange-provider"];
const stack = new AsyncDisposableStack();
let packages: readonly PackedPackage[];
let folder: string;

// What the author of a provider publishes, in the project of somebody who runs a proxy. `pnpm test:packages` builds
// before it runs this.
beforeAll(async () => {
  packages = await packAll(stack.use(await createFolder()).path, [...(await publishedFolders()), ...templates]);
  const upstream = (await execute("npm", ["config", "get", "registry"], root)).trim();
  const registry = stack.use(await startRegistry(packages, upstream));
  folder = stack.use(await createFolder({ "package.json": '{ "private": true }', "config.yaml": config })).path;
  const wanted = ["@dheera-ai/cli", "@acme/dheera-provider", "@quill/dheera-provider"];
  await execute("npm", ["install", "--no-audit", "--no-fund", "--registry", registry.url, ...wanted], folder);
}, 240_000);

afterAll(() => stack.disposeAsync());

const config = `plugins: ["@acme/dheera-provider", "@quill/dheera-provider"]
model_list:
  - model_name: acme
    dheera_ai_params: { model: acme/relevance-1, api_base: os.environ/UPSTREAM, api_key: key }
  - model_name: quill
    dheera_ai_params: { model: quill/ranker-2, api_base: os.environ/UPSTREAM, client_id: mine, api_key: secret }
`;

describe("a provider package that was made from a template", () => {
  it.each(templates)("%s holds what a user needs and nothing else, and depends on ranges", (template) => {
    const packed = packages.find((candidate) => candidate.folder === template);
    expect(packed && faultsOf(packed)).toEqual([]);
    expect(packed?.manifest.peerDependencies).toEqual({ "@dheera-ai/core": expect.stringMatching(/^\^\d/) });
    expect(packed?.files.map(({ path }) => path)).toEqual([
      "LICENSE",
      "README.md",
      "dist/index.d.ts",
      "dist/index.js",
      "package.json",
    ]);
  });

  it("is loaded by a proxy that was installed beside it, and ranks", async () => {
    const answers: Readonly<Record<string, object>> = {
      "/v1/relevance": {
        relevance: [
          { passage: 1, value: 0.9 },
          { passage: 0, value: 0.1 },
        ],
        tokens: 4,
      },
      "/oauth/token": { access_token: "token", expires_in: 3600 },
      "/v2/rank": {
        ranks: [
          { id: 1, relevance: 0.8 },
          { id: 0, relevance: 0.2 },
        ],
      },
    };
    await withServer(
      ({ path }) => ({ body: answers[path] ?? {} }),
      async ({ url }) => {
        const program = join(folder, "node_modules/@dheera-ai/cli/dist/main.js");
        const args = [program, "--config", join(folder, "config.yaml"), "--host", "127.0.0.1", "--port", "0"];
        const proxy = await startProgram(process.execPath, args, { UPSTREAM: url });
        try {
          const ranked = async (model: string): Promise<unknown> => {
            const body = JSON.stringify({ model, query: "q", documents: ["a", "b"], top_n: 1 });
            const headers = { "content-type": "application/json" };
            return (await fetch(`${proxy.url}/v1/rerank`, { method: "POST", headers, body })).json();
          };
          expect(await ranked("acme")).toMatchObject({ results: [{ index: 1, relevance_score: 0.9 }] });
          expect(await ranked("quill")).toMatchObject({ results: [{ index: 1, relevance_score: 0.8 }] });
        } finally {
          await proxy.stop();
        }
      },
    );
  });
});
