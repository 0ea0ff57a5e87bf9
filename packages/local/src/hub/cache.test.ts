import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { placeBlob } from "./cache/place-file.ts";
import { filesIn } from "./cache/scan.ts";
import { listModels } from "./list-models.ts";
import { planRemoval, remove } from "./remove.ts";
import { crossEncoder, openHubTest } from "./testing/hub-test.ts";

describe("the list of models", () => {
  it("has each revision with kind, weights, size and last use", async () => {
    await using test = await openHubTest();
    const plan = await test.pull();
    await test.pull(`org/model@${plan.commit}`);
    const used = new Date("2026-03-04T05:06:07Z");
    for (const blob of await filesIn(join(test.cache, "models--org--model/blobs"))) await utimes(blob, used, used);
    expect(await listModels(test)).toEqual([
      {
        name: "org/model",
        refs: ["main"],
        commit: plan.commit,
        kind: "cross-encoder",
        weights: "onnx/model.onnx",
        dtype: "fp32",
        tokens: 512,
        bytes: plan.bytes,
        lastUsed: used,
        problem: undefined,
      },
    ]);
  });

  // Elsewhere no flag says that a file is read without being used, and some file systems remember nothing.
  it.runIf(process.platform === "linux")("is no use of the models itself", async () => {
    await using test = await openHubTest();
    await test.pull();
    const used = new Date("2026-03-04T05:06:07Z");
    for (const blob of await filesIn(join(test.cache, "models--org--model/blobs"))) await utimes(blob, used, used);
    await listModels(test);
    expect((await listModels(test)).map(({ lastUsed }) => lastUsed)).toEqual([used]);
  });

  it("says why a model of the cache cannot be used", async () => {
    const config = JSON.stringify({ architectures: ["LlamaForCausalLM"], model_type: "llama" });
    await using test = await openHubTest({
      "org/model": crossEncoder(),
      "org/chat": crossEncoder({ files: { "config.json": config } }),
    });
    await expect(test.pull("org/chat")).rejects.toThrow();
    const { folder } = await test.pull();
    await rm(join(folder, "onnx/model.onnx"));
    const problems = (await listModels(test)).map(({ name, problem }) => [name, problem]);
    expect(problems).toEqual([
      ["org/chat", expect.stringContaining("generative model")],
      ["org/model", expect.stringContaining("no ONNX file")],
    ]);
  });

  it("leaves out what is no model, and has none where there is no cache", async () => {
    await using test = await openHubTest();
    expect(await listModels(test)).toEqual([]);
    await mkdir(join(test.cache, "datasets--org--data/snapshots", "a".repeat(40)), { recursive: true });
    await mkdir(join(test.cache, "models--org--..--..--evil"), { recursive: true });
    await mkdir(join(test.cache, ".locks"), { recursive: true });
    await mkdir(join(test.cache, "models--org--empty"), { recursive: true });
    expect(await listModels(test)).toEqual([]);
  });
});

describe("a system without links", () => {
  /** As Windows answers without developer mode. */
  const refuse = async (): Promise<void> => {
    throw Object.assign(new Error("operation not permitted"), { code: "EPERM" });
  };

  it("gets a new blob itself, and a copy of one that another snapshot may have", async () => {
    await using test = await openHubTest();
    const [blob, first, second] = ["blobs/b", "snapshots/1/x/f", "snapshots/2/f"].map((path) => join(test.cache, path));
    if (!blob || !first || !second) throw new Error("no paths");
    await mkdir(join(test.cache, "blobs"), { recursive: true });
    await writeFile(blob, "content");
    await placeBlob(blob, second, false, refuse);
    await placeBlob(blob, first, true, refuse);
    expect(await Promise.all([first, second].map((path) => readFile(path, "utf8")))).toEqual(["content", "content"]);
    expect(await readdir(join(test.cache, "blobs"))).toEqual([]);
    await expect(placeBlob(blob, first, true, () => Promise.reject(new Error("EIO")))).rejects.toThrow("EIO");
    expect(await readdir(join(first, ".."))).toEqual(["f"]);
  });

  it("has its models listed, found complete, and removed", async () => {
    await using test = await openHubTest();
    const { folder, bytes } = await test.pull();
    for (const file of await filesIn(folder)) {
      const content = await readFile(file);
      await rm(file);
      await writeFile(file, content);
    }
    await rm(join(folder, "../../blobs"), { recursive: true });
    expect((await test.plan()).missingBytes).toBe(0);
    expect(await listModels(test)).toMatchObject([{ name: "org/model", bytes, problem: undefined }]);
    expect((await planRemoval("org/model", test)).bytes).toBe(bytes + 40);
  });
});

describe("a removal", () => {
  it("takes all of a model, with what interrupted downloads left", async () => {
    await using test = await openHubTest();
    const { bytes } = await test.pull();
    const blobs = join(test.cache, "models--org--model/blobs");
    await writeFile(join(blobs, "left.incomplete"), "12345");
    const plan = await planRemoval("org/model", test);
    const links = (await planRemoval("org/model", test)).bytes - bytes - 5 - 40;
    expect(links).toBeGreaterThanOrEqual(0);
    expect(links).toBeLessThan(1_000);
    await remove(plan);
    expect((await readdir(test.cache)).toSorted()).toEqual(["CACHEDIR.TAG"]);
    await expect(planRemoval("org/model", test)).rejects.toMatchObject({ code: "model_not_found" });
  });

  it("of one revision frees what no other needs, and leaves the other whole", async () => {
    await using test = await openHubTest();
    test.hub.publish("org/model", crossEncoder(), crossEncoder({ seed: 9, refs: ["v1"] }));
    const kept = await test.pull();
    const gone = await test.pull("org/model@v1");
    const plan = await planRemoval("org/model@v1", test);
    // Only the weights differ.
    expect(plan).toMatchObject({ commits: [gone.commit], kept: [kept.commit], bytes: 300_000 });
    await remove(plan);
    expect(await listModels(test)).toMatchObject([{ commit: kept.commit, refs: ["main"], problem: undefined }]);
    expect((await test.plan()).missingBytes).toBe(0);
    expect(await filesIn(join(test.cache, "models--org--model/refs"))).toHaveLength(1);
    await expect(planRemoval("org/model@v1", test)).rejects.toThrow(`there is main = ${kept.commit}`);
    expect(await planRemoval(`org/model@${kept.commit.slice(0, 8)}`, test)).toMatchObject({ kept: [] });
  });

  it("deletes nothing outside of the model, wherever its links lead", async () => {
    await using test = await openHubTest();
    const { folder } = await test.pull();
    test.hub.publish("org/model", crossEncoder({ seed: 9, refs: ["v1"] }));
    await test.pull("org/model@v1");
    const precious = join(test.cache, "../precious.txt");
    const shared = join(test.cache, "shared");
    await writeFile(precious, "mine");
    await mkdir(shared);
    await symlink(precious, join(folder, "evil.json"));
    await symlink("../../../../../precious.txt", join(folder, "evil2.json"));
    await symlink(join(test.cache, ".."), join(folder, "up"));
    // As huggingface_hub shares a blob between models.
    const weights = (await filesIn(join(folder, "../../blobs"))).find((path) => /[\da-f]{64}$/.test(path)) ?? "";
    await rename(weights, join(shared, "blob"));
    await symlink("../../shared/blob", weights);
    await remove(await planRemoval("org/model@main", test));
    await remove(await planRemoval("org/model", test));
    expect(await readFile(precious, "utf8")).toBe("mine");
    expect((await stat(join(shared, "blob"))).size).toBeGreaterThan(0);
  });
});
