import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { beforeAll, describe, expect, it } from "vitest";

import { listModels } from "../../packages/local/src/hub/list-models.ts";
import { planRemoval, remove } from "../../packages/local/src/hub/remove.ts";
import { type HubTest, crossEncoder, openHubTest } from "../../packages/local/src/hub/testing/hub-test.ts";
import { pythonWith } from "../../python/python-tools.ts";
import { needs } from "../support/programs.ts";

const run = promisify(execFile);
const script = join(import.meta.dirname, "hub-cache.py");

/** The library that the layout of the cache is from, unmodified. */
const library = "huggingface_hub==2.4.0";

describe(`the cache of the Hub, shared with ${library}`, needs("python3"), () => {
  let python = "";
  beforeAll(async () => {
    python = await pythonWith(library);
  }, 600_000);

  async function ask({ environment }: HubTest, ...args: readonly string[]): Promise<unknown> {
    const { stdout } = await run(python, [script, ...args], {
      env: {
        PATH: process.env["PATH"],
        ...environment,
        // Its own protocol for large files, which the stand-in does not speak.
        HF_HUB_DISABLE_XET: "1",
        HF_HUB_DISABLE_TELEMETRY: "1",
        HF_HUB_DISABLE_PROGRESS_BARS: "1",
      },
    });
    return JSON.parse(stdout);
  }

  const pulled = [
    "config.json",
    "onnx/model.onnx",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
  ];

  it("is read by it after a pull, without a warning, and without a request", async () => {
    await using test = await openHubTest();
    test.hub.publish("org/model", crossEncoder(), crossEncoder({ seed: 4, refs: ["v1", "refs/pr/3"] }));
    const main = await test.pull();
    const other = await test.pull("org/model@refs/pr/3");
    const asked = test.hub.requests.length;
    const models = await listModels(test);
    expect(await ask(test, "scan")).toEqual({
      warnings: [],
      incomplete: 0,
      models: [
        {
          name: "org/model",
          type: "model",
          // Its size counts what the revisions share once.
          bytes: main.bytes + 300_000,
          revisions: [
            [main.commit, ["main"], pulled],
            [other.commit, ["refs/pr/3"], pulled],
          ].toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
        },
      ],
    });
    expect(models.map(({ bytes }) => bytes)).toEqual([main.bytes, other.bytes]);
    expect(await ask(test, "find", "org/model")).toEqual({
      path: join(main.folder, "onnx/model.onnx"),
      bytes: 300_000,
    });
    expect(await ask(test, "find", "org/model", "refs/pr/3")).toMatchObject({
      path: join(other.folder, "onnx/model.onnx"),
    });
    expect(test.hub.requests).toHaveLength(asked);
  });

  it("has nothing to download for it after a pull", async () => {
    await using test = await openHubTest();
    const { folder } = await test.pull();
    const before = test.hub.requests.filter(({ server }) => server === "cdn").length;
    expect(await ask(test, "download", "org/model")).toEqual({ folder });
    expect(test.hub.requests.filter(({ server }) => server === "cdn")).toHaveLength(before);
  });

  it("has nothing to download for a pull after it, in the same files under the same names", async () => {
    await using ours = await openHubTest();
    await using theirs = await openHubTest();
    await ours.pull();
    await ask(theirs, "download", "org/model");
    const plan = await theirs.plan();
    expect(plan.missingBytes).toBe(0);
    expect(await listModels(theirs)).toMatchObject([{ name: "org/model", refs: ["main"], problem: undefined }]);
    const [blobs, same] = await Promise.all(
      [ours, theirs].map(({ cache }) => readdir(join(cache, "models--org--model/blobs"))),
    );
    expect(same).toEqual(blobs);
    expect(await readFile(join(theirs.cache, "models--org--model/refs/main"), "utf8")).toBe(plan.commit);
  });

  it("is whole for each after the other removed a revision", async () => {
    await using test = await openHubTest();
    test.hub.publish(
      "org/model",
      crossEncoder(),
      crossEncoder({ seed: 4, refs: ["v1"] }),
      crossEncoder({ seed: 5, refs: ["v2"] }),
    );
    const kept = await test.pull();
    const [v1, v2] = [await test.pull("org/model@v1"), await test.pull("org/model@v2")];
    expect(await ask(test, "delete", "org/model", v1.commit)).toMatchObject({ bytes: 300_000 });
    expect((await listModels(test)).map(({ commit, problem }) => [commit, problem]).toSorted()).toEqual(
      [kept, v2].map(({ commit }) => [commit, undefined]).toSorted(),
    );
    await remove(await planRemoval("org/model@v2", test));
    expect(await ask(test, "scan")).toMatchObject({
      warnings: [],
      models: [{ bytes: kept.bytes, revisions: [[kept.commit, ["main"], pulled]] }],
    });
  });
});
