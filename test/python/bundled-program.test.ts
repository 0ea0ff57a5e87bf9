import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { bundleProgram } from "../../python/bundle-program.ts";
import { startPostgresqlServer } from "../support/postgresql-server.ts";
import { needs } from "../support/programs.ts";
import { startProgram } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

// `pnpm test:python` builds before it runs this.
describe("the command line as the wheel has it, one file", () => {
  let program: string;
  beforeAll(async () => {
    const folder = await createFolder();
    await bundleProgram(join(folder.path, "bundle"), join(folder.path, "licenses.txt"));
    program = join(folder.path, "bundle/dheera_ai.mjs");
    return () => folder[Symbol.asyncDispose]();
  });

  it("keeps keys in SQLite", async () => {
    await using folder = await createFolder();
    await expectToServe(`sqlite:${join(folder.path, "teams.db")}`);
  });

  it("keeps keys in PostgreSQL", needs("postgresql"), async () => {
    await using server = await startPostgresqlServer();
    await expectToServe(server.url);
  });

  async function expectToServe(database_url: string): Promise<void> {
    await using folder = await createFolder();
    const file = join(folder.path, "config.json");
    const settings = { master_key: "sk-master-1234567", database_url };
    const models = [{ model_name: "bm25", dheera_ai_params: { model: "bm25/default" } }];
    await writeFile(file, JSON.stringify({ model_list: models, general_settings: settings }));
    const args = [program, "--config", file, "--host", "127.0.0.1", "--port", "0"];
    const proxy = await startProgram(process.execPath, args);
    const readiness = await fetch(new URL("/health/readiness", proxy.url));
    expect(await readiness.json(), proxy.output()).toMatchObject({ db: "connected" });
    expect(await proxy.stop(), proxy.output()).toBe(0);
  }
});
