import { describe, expect, it } from "vitest";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { loadPlugins } from "./load-plugins.ts";

const place: LocateProblem = (position, message) => ({
  file: "config.yaml",
  line: position + 1,
  column: 1,
  key: `plugins[${position}]`,
  message,
});
const provider = 'const connect = () => ({}); const acme = { name: "acme", connect };';

describe("loadPlugins", () => {
  it.each([
    ["a provider", `${provider} export default acme;`],
    ["a list of providers", `${provider} export default [acme];`],
    [
      "a function that makes one",
      `${provider} export default ({ environment }) => ({ ...acme, name: environment.NAME });`,
    ],
    ["an asynchronous function", `${provider} export default async () => [acme];`],
  ])("takes %s by path", async (_name, code) => {
    await using folder = await temporaryFolder({ "plugins/acme.mjs": code });
    const providers = await loadPlugins(["./plugins/acme.mjs"], folder.path, { NAME: "acme" }, place);
    expect(providers.map(({ name }) => name)).toEqual(["acme"]);
  });

  it("finds packages where the configuration is, also those that have only an ESM entrance", async () => {
    await using folder = await temporaryFolder({
      "node_modules/@acme/dheera-provider/package.json":
        '{ "name": "@acme/dheera-provider", "type": "module", "exports": { ".": { "import": "./main.js" } } }',
      "node_modules/@acme/dheera-provider/main.js": `${provider} export default acme;`,
    });
    expect(await loadPlugins(["@acme/dheera-provider"], folder.path, {}, place)).toMatchObject([{ name: "acme" }]);
  });

  it.each([
    ["./missing.js", "", "the plug-in ./missing.js cannot be loaded"],
    ["@acme/missing", "", "install it where the configuration is, in "],
    [
      "./plugin.mjs",
      "export const acme = 1;",
      "the plug-in ./plugin.mjs gives no provider: its default export must be a provider",
    ],
    ["./plugin.mjs", 'export default { name: "Not A Name", connect() {} };', "gives no provider"],
    ["./plugin.mjs", "export default () => 1;", "gives no provider"],
    ["./plugin.mjs", "throw new Error('broken');", "cannot be loaded (broken)"],
  ])("says what is wrong with %s: %s", async (name, code, message) => {
    await using folder = await temporaryFolder({ "plugin.mjs": code });
    await expect(loadPlugins([name], folder.path, {}, place)).rejects.toThrow(message);
  });

  it("reports the problems of all plug-ins at once", async () => {
    await using folder = await temporaryFolder();
    await expect(loadPlugins(["./one.js", "./two.js"], folder.path, {}, place)).rejects.toMatchObject({
      problems: [
        { line: 1, key: "plugins[0]" },
        { line: 2, key: "plugins[1]" },
      ],
    });
  });
});
