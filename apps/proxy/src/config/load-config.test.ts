import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load-config.ts";

const one = "model_list: [{ model_name: one, dheera_ai_params: { model: bm25/default } }]";
const two = "model_list: [{ model_name: two, litellm_params: { model: bm25/default, api_key: os.environ/MISSING } }]";

describe("loadConfig", () => {
  it("joins lists of included files and lets the including file win", async () => {
    await using folder = await temporaryFolder({
      "config.yaml": `${one}\ninclude: [more/two.yaml]\ngeneral_settings: { max_documents: 5 }`,
      "more/two.yaml": `${two}\ninclude: [three.yaml, ../config.yaml]\ngeneral_settings: { max_documents: 6, rpm: 7 }`,
      "more/three.yaml": "plugins: [./mine.js]",
    });
    const { config, files, path, warnings } = await loadConfig(join(folder.path, "config.yaml"), {});
    expect(path).toBe(join(folder.path, "config.yaml"));
    expect(files).toEqual(["config.yaml", "more/two.yaml", "more/three.yaml"].map((name) => join(folder.path, name)));
    expect(config.model_list.map(({ model_name, unavailable }) => [model_name, unavailable])).toEqual([
      ["one", undefined],
      ["two", "api_key needs the environment variable MISSING, which is not set"],
    ]);
    expect(config.general_settings).toMatchObject({ max_documents: 5, rpm: 7 });
    expect(config.plugins).toEqual(["./mine.js"]);
    expect(warnings[0]).toContain("more/two.yaml:1 model_list[0].litellm_params.api_key");
  });

  it("reports the problems of all files at once, each in its own file", async () => {
    await using folder = await temporaryFolder({
      "config.yaml": "model_list: [{}]\ninclude: [two.yaml]",
      "two.yaml": "general_settings:\n  master_kye: x",
    });
    const error = await failure(join(folder.path, "config.yaml"));
    expect(error.problems.map(({ file, line, key }) => [file, line, key])).toEqual([
      [join(folder.path, "config.yaml"), 1, "model_list[0].model_name"],
      [join(folder.path, "config.yaml"), 1, "model_list[0].dheera_ai_params"],
      [join(folder.path, "two.yaml"), 2, "general_settings.master_kye"],
    ]);
  });

  it("finds what contradicts between files", async () => {
    const key = "general_settings: { keys: [{ name: same, key: os.environ/HOME }] }";
    await using folder = await temporaryFolder({
      "config.yaml": `${one}\ninclude: [two.yaml]\n${key}`,
      "two.yaml": key,
    });
    await expect(loadConfig(join(folder.path, "config.yaml"), { HOME: "x" })).rejects.toThrow(
      "general_settings.keys[1]: its name stands at another key already",
    );
  });

  it("blames the line that includes a file which cannot be opened", async () => {
    await using folder = await temporaryFolder({ "config.yaml": `${one}\ninclude:\n  - gone.yaml` });
    const [problem] = (await failure(join(folder.path, "config.yaml"))).problems;
    expect(problem).toMatchObject({ line: 3, column: 5, key: "include[0]" });
    expect(problem?.message).toContain("cannot be read: ENOENT");
  });

  it("says which file cannot be opened", async () => {
    const error = await failure("/nowhere/config.yaml");
    expect(error.message).toContain("/nowhere/config.yaml  cannot be read: ENOENT");
  });
});

async function failure(path: string): Promise<ConfigError> {
  const error: unknown = await loadConfig(path, {}).catch((reason: unknown) => reason);
  if (error instanceof ConfigError) return error;
  throw new Error("the configuration was taken");
}
