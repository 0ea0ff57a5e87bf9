import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { startServer } from "./start-server.ts";

const config = `# the first plug-in is sound
plugins:
  - ./sound.mjs
  - ./plugin.mjs
model_list:
  - model_name: bge
    dheera_ai_params: { model: bm25/default }
  - model_name: acme
    dheera_ai_params: { model: acme/one }
`;
const sound = 'export default { name: "sound", connect: () => ({}) };';

describe("a plug-in that cannot be used stops the start with the file and line", () => {
  it.each([
    [
      "of its entry when it throws",
      "throw new Error('broken');",
      "config.yaml:4:5  plugins[1]: the plug-in ./plugin.mjs cannot be loaded (broken)",
    ],
    [
      "of its entry when it is no JavaScript",
      "export default {",
      "config.yaml:4:5  plugins[1]: the plug-in ./plugin.mjs cannot be loaded (",
    ],
    [
      "of its entry when it imports what is not there",
      'import "@acme/missing";',
      "config.yaml:4:5  plugins[1]: the plug-in ./plugin.mjs cannot be loaded (",
    ],
    [
      "of its entry without a default export",
      "export const acme = {};",
      "config.yaml:4:5  plugins[1]: the plug-in ./plugin.mjs gives no provider: its default export must be",
    ],
    [
      "of its entry when its function throws",
      "export default () => { throw new Error('no licence'); };",
      "config.yaml:4:5  plugins[1]: the plug-in ./plugin.mjs cannot make its provider (no licence)",
    ],
    [
      "of the model when its connect throws",
      'export default { name: "acme", connect() { return undefined.model; } };',
      "config.yaml:8:5  model_list[1]: connect of the provider acme has a programming error",
    ],
    [
      "of the model when its connect gives no scorer",
      'export default { name: "acme", connect: () => ({}) };',
      "config.yaml:8:5  model_list[1]: connect of the provider acme gave no scorer",
    ],
  ])("%s", async (_name, code, message) => {
    await using folder = await temporaryFolder({ "config.yaml": config, "sound.mjs": sound, "plugin.mjs": code });
    const configPath = join(folder.path, "config.yaml");
    const started = startServer({ configPath, environment: {}, host: "127.0.0.1", port: 0 });
    await expect(started).rejects.toThrow(`${folder.path}/${message}`);
  });

  it("of its entry when there is no such file", async () => {
    await using folder = await temporaryFolder({ "config.yaml": config, "sound.mjs": sound });
    const configPath = join(folder.path, "config.yaml");
    const started = startServer({ configPath, environment: {}, host: "127.0.0.1", port: 0 });
    await expect(started).rejects.toThrow(`${configPath}:4:5  plugins[1]: the plug-in ./plugin.mjs cannot be loaded (`);
  });
});
