import { readdir, readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { parseConfig } from "../src/config/parse-config.ts";
import { createGateway } from "../src/gateway/gateway.ts";
import { providerPages, providerPagesFolder } from "./provider-pages.ts";

const pages = providerPages();

describe("the pages of the providers", () => {
  it.each(pages)(
    "$name is as the data says it (else: pnpm --filter @dheera-ai/proxy run docs)",
    async ({ page, render }) => {
      expect(await readFile(page, "utf8")).toBe(render());
    },
  );

  it("are all there is in their folder", async () => {
    expect((await readdir(providerPagesFolder)).toSorted()).toEqual(pages.map(({ name }) => name).toSorted());
  });

  it.each(pages.filter(({ name }) => name !== "README.md"))(
    "$name shows a configuration that serves",
    async ({ render }) => {
      const [, yaml = ""] = /^```yaml\n([^]*?)^```$/m.exec(render()) ?? [];
      const variables = Object.fromEntries(
        [...yaml.matchAll(/os\.environ\/(\w+)/g)].map(([, name = ""]) => [name, "key"]),
      );
      const { config, warnings } = parseConfig(yaml, { file: "config.yaml", environment: variables });
      expect(warnings).toEqual([]);
      expect(config.model_list).toHaveLength(1);
      const gateway = await createGateway(config, { environment: variables });
      try {
        expect([...gateway.unserved]).toEqual([]);
        expect(gateway.dheera.models()).toEqual(["reranker"]);
      } finally {
        await gateway.close();
      }
    },
  );
});
