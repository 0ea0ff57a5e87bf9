import { readFile } from "node:fs/promises";

import { createDheera } from "@dheera-ai/core";
import { withServer } from "@dheera-ai/core/testing";
import { createGateway, loadConfig } from "@dheera-ai/proxy";
import { describe, expect, it } from "vitest";

import acme from "../examples/custom-provider/src/index.ts";

const folder = new URL("../examples/custom-provider/", import.meta.url);
const request = {
  query: "What is the capital of the United States?",
  documents: ["Carson City", "Washington, D.C."],
  top_n: 1,
};
const answer = {
  relevance: [
    { passage: 1, value: 0.93 },
    { passage: 0, value: 0.04 },
  ],
  tokens: 12,
};

// What a release makes of it is tested by `test/packages`.
describe("the provider that others copy", () => {
  it("is taken by the library as it is", async () => {
    await withServer(
      () => ({ body: answer }),
      async ({ url }) => {
        const dheera = createDheera({ providers: [acme] });
        const { results, usage } = await dheera.rerank({
          model: "acme/relevance-1",
          api_base: url,
          api_key: "key",
          ...request,
        });
        expect(results).toEqual([{ index: 1, relevance_score: 0.93 }]);
        expect(usage).toEqual({ prompt_tokens: 12, completion_tokens: 0, total_tokens: 12 });
      },
    );
  });

  it("is loaded by the proxy from its config.yaml, by path", async () => {
    await withServer(
      () => ({ body: answer }),
      async ({ url, requests }) => {
        const environment = { ACME_API_BASE: url, ACME_API_KEY: "key" };
        const { config } = await loadConfig(new URL("config.yaml", folder).pathname, environment);
        const gateway = await createGateway(config, { environment, directory: folder.pathname });
        const { results } = await gateway.dheera.rerank({ model: "acme", ...request });
        await gateway.close();
        expect(results).toEqual([{ index: 1, relevance_score: 0.93 }]);
        expect(requests).toMatchObject([{ path: "/v1/relevance", headers: { authorization: "Bearer key" } }]);
      },
    );
  });

  it.each(["src/index.ts", "src/index.test.ts", "tsconfig.json", "tsdown.config.ts"])(
    "is shown by docs/write-a-provider.md with this very %s",
    async (file) => {
      expect(await readPage()).toContain(await readFile(new URL(file, folder), "utf8"));
    },
  );

  it("is shown with its package.json, without what a copy does not need or npm writes", async () => {
    const shown = JSON.parse(/`package\.json`:\n\n```json\n([^]*?)^```$/m.exec(await readPage())?.[1] ?? "");
    for (const name of ["custom-provider", "token-exchange-provider"]) {
      const { publishConfig, ...manifest } = JSON.parse(
        await readFile(new URL(`../${name}/package.json`, folder), "utf8"),
      );
      // The workspace's versions, and that nothing here is published.
      const { private: _, dependencies: _1, devDependencies: _2, peerDependencies: _3, ...kept } = manifest;
      const { exports, ...settings } = publishConfig;
      const own = name === "custom-provider" ? {} : { name: manifest.name, description: manifest.description };
      expect({ ...kept, exports, publishConfig: settings }).toEqual({ ...shown, ...own });
    }
  });
});

it("docs/write-a-provider.md shows the exchange of examples/token-exchange-provider", async () => {
  const source = await readFile(new URL("../token-exchange-provider/src/index.ts", folder), "utf8");
  const shown = source.slice(source.indexOf("function connect("), source.indexOf("async function askToken("));
  expect(await readPage()).toContain(shown.trimEnd());
});

function readPage(): Promise<string> {
  return readFile(new URL("../../docs/write-a-provider.md", folder), "utf8");
}
