import { mkdir, readFile, readdir, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { filesIn } from "./cache/scan.ts";
import { crossEncoder, impatient, openHubTest } from "./testing/hub-test.ts";

const weights = "/lfs/";

describe("a pull", () => {
  it("downloads what this machine needs and nothing else, laid out as huggingface_hub does", async () => {
    await using test = await openHubTest();
    const { folder, commit } = await test.pull();
    const repository = join(test.cache, "models--org--model");
    expect(folder).toBe(join(repository, "snapshots", commit));
    const files = (await filesIn(folder)).map((file) => file.slice(folder.length + 1));
    expect(files).toEqual([
      "config.json",
      "onnx/model.onnx",
      "special_tokens_map.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    const blobs = await readdir(join(repository, "blobs"));
    expect(blobs).toHaveLength(5);
    const link = await readlink(join(folder, "onnx/model.onnx"));
    expect(link).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\/[\da-f]{64}$/);
    expect(await readlink(join(folder, "config.json"))).toMatch(/^\.\.\/\.\.\/blobs\/[\da-f]{40}$/);
    expect(await readFile(join(folder, "onnx/model.onnx"))).toEqual(crossEncoder().files["onnx/model.onnx"]);
    expect(await readFile(join(repository, "refs/main"), "utf8")).toBe(commit);
    expect(
      (await readFile(join(test.cache, "CACHEDIR.TAG"), "utf8")).startsWith("Signature: 8a477f597d28d172789f"),
    ).toBe(true);
  });

  it("asks for a revision once, and for its files at the commit that it was then", async () => {
    await using test = await openHubTest();
    const plan = await test.plan();
    const old = plan.commit;
    test.hub.publish("org/model", crossEncoder({ seed: 7 }), crossEncoder({ refs: ["v1"] }));
    expect(test.hub.commitOf("org/model")).not.toBe(old);
    const { pull } = await import("./pull.ts");
    await pull(plan, { environment: test.environment });
    const asked = test.hub.requests.filter(({ path }) => path.includes("/resolve/")).map(({ path }) => path);
    expect(asked).toHaveLength(5);
    expect(asked.filter((path) => !path.startsWith(`/org/model/resolve/${old}/`))).toEqual([]);
  });

  it("takes the weights that dtype or file names", async () => {
    await using test = await openHubTest();
    expect((await test.pull("org/model", { dtype: "fp16" })).weights.file).toBe("onnx/model_fp16.onnx");
    expect((await test.plan("org/model", { file: "onnx/model.onnx" })).weights.file).toBe("onnx/model.onnx");
    await expect(test.plan("org/model", { dtype: "q4" })).rejects.toMatchObject({
      code: "invalid_request",
      param: "dtype",
    });
  });

  it("takes the external data of weights with them", async () => {
    const files = { "onnx/model.onnx": Buffer.from("graph"), "onnx/model.onnx_data": Buffer.from("numbers") };
    await using test = await openHubTest({ "org/model": crossEncoder({ files }) });
    const { folder } = await test.pull();
    expect(await readFile(join(folder, "onnx/model.onnx_data"), "utf8")).toBe("numbers");
  });

  it("downloads nothing that is there, and of a new commit only what changed", async () => {
    await using test = await openHubTest();
    await test.pull();
    const again = await test.plan();
    expect(again.missingBytes).toBe(0);
    await test.pull();
    expect(test.hub.requests.filter(({ path }) => path.includes("/resolve/"))).toHaveLength(5);

    test.hub.publish("org/model", crossEncoder({ files: { "tokenizer_config.json": '{"model_max_length":256}' } }));
    const { commit } = await test.pull();
    const asked = test.hub.requests.filter(({ path }) => path.includes(`/resolve/${commit}/`));
    expect(asked.map(({ path }) => path.split("/").at(-1))).toEqual(["tokenizer_config.json"]);
    expect(await readFile(join(test.cache, "models--org--model/refs/main"), "utf8")).toBe(commit);
  });

  it("knows tags, pull requests and commits", async () => {
    await using test = await openHubTest();
    test.hub.publish("org/model", crossEncoder(), crossEncoder({ seed: 3, refs: ["v1.0", "refs/pr/2"] }));
    const main = test.hub.commitOf("org/model");
    const other = test.hub.commitOf("org/model", "v1.0");
    expect((await test.pull("org/model@refs/pr/2")).commit).toBe(other);
    expect((await test.pull(`org/model@${main}`)).commit).toBe(main);
    const refs = join(test.cache, "models--org--model/refs");
    expect(await filesIn(refs)).toEqual([join(refs, "refs/pr/2")]);
    await expect(test.plan("org/model@v9")).rejects.toThrow("org/model has no revision v9");
  });

  it("replaces a file of another size, which an interrupted copy may have left", async () => {
    await using test = await openHubTest();
    const { folder, files } = await test.plan();
    const config = files.find(({ path }) => path === "config.json");
    await mkdir(join(folder, "../../blobs"), { recursive: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "../../blobs", config?.digest.hex ?? ""), "{");
    await writeFile(join(folder, "config.json"), "{");
    await test.pull();
    expect(await readFile(join(folder, "config.json"), "utf8")).toBe(crossEncoder().files["config.json"]);
  });

  it("tells how far it is", async () => {
    await using test = await openHubTest();
    const seen: { file: string; bytes: number; total: number }[] = [];
    const { bytes } = await test.pull("org/model", { onProgress: (progress) => void seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ file: "onnx/model.onnx", bytes, total: bytes });
    expect(seen.map((progress) => progress.bytes)).toEqual(
      seen.map((progress) => progress.bytes).toSorted((a, b) => a - b),
    );
  });

  it("says how much room is missing before it asks for anything", async () => {
    await using test = await openHubTest();
    test.hub.describeWith((info) => {
      const siblings = info["siblings"];
      if (!Array.isArray(siblings)) return info;
      return {
        ...info,
        siblings: siblings.map(({ rfilename, blobId, lfs }) => ({ rfilename, blobId, lfs, size: 3e15 })),
      };
    });
    await expect(test.pull()).rejects.toThrow(/^the files need 15,000,000,000 MB in .* MB are free; make room/);
    expect(test.hub.requests.filter(({ path }) => path.includes("/resolve/"))).toEqual([]);
  });

  it("lets several pulls of one model do their work at one time", async () => {
    await using test = await openHubTest();
    const plans = await Promise.all(Array.from({ length: 6 }, () => test.pull()));
    const folder = plans[0]?.folder ?? "";
    expect(await readFile(join(folder, "onnx/model.onnx"))).toEqual(crossEncoder().files["onnx/model.onnx"]);
    expect((await readdir(join(folder, "../../blobs"))).filter((name) => name.includes("."))).toEqual([]);
  });
});

describe("a pull that is interrupted", () => {
  it("goes on where it stopped when the connection is cut", async () => {
    await using test = await openHubTest();
    test.hub.failWith(({ path, before }) =>
      path.startsWith(weights) && before < 2 ? { kind: "cut", after: 100_000 } : undefined,
    );
    const { folder } = await test.pull();
    expect(await readFile(join(folder, "onnx/model.onnx"))).toEqual(crossEncoder().files["onnx/model.onnx"]);
    const ranges = test.hub.requests
      .filter(({ server, path, headers }) => server === "cdn" && path.startsWith(weights) && headers.range)
      .map(({ headers }) => Number(/\d+/.exec(headers.range ?? "")?.[0]));
    expect(ranges.length).toBeGreaterThanOrEqual(1);
    expect(ranges.every((from) => from > 0 && from <= 200_000)).toBe(true);
  });

  it("is gone on with by the next, whose bytes are checked with those that were there", async () => {
    await using test = await openHubTest();
    const stop = new AbortController();
    const stopped = test.pull("org/model", {
      signal: stop.signal,
      onProgress: ({ file, fileBytes }) => {
        if (file === "onnx/model.onnx" && fileBytes >= 60_000) stop.abort(new Error("stopped"));
      },
    });
    await expect(stopped).rejects.toThrow("stopped");
    const blobs = join(test.cache, "models--org--model/blobs");
    const left = (await readdir(blobs)).find((name) => name.endsWith(".incomplete"));
    const { size } = await stat(join(blobs, left ?? ""));
    expect(size).toBeGreaterThanOrEqual(60_000);

    await test.pull();
    const resumed = test.hub.requests.filter(({ server, headers }) => server === "cdn" && headers.range);
    // One that had everything asks for nothing.
    expect(resumed.map(({ headers }) => headers.range)).toEqual(size === 300_000 ? [] : [`bytes=${size}-`]);
    expect((await readdir(blobs)).filter((name) => name.includes("."))).toEqual([]);
  });

  it("begins again where what was left turns out to be wrong", async () => {
    await using test = await openHubTest();
    const { files } = await test.plan();
    const hex = files.at(-1)?.digest.hex ?? "";
    const blobs = join(test.cache, "models--org--model/blobs");
    for (const [name, bytes] of [
      [`${hex}.incomplete`, 120_000],
      [`${hex}.01234567.incomplete`, 300_000],
      [`${hex}.89abcdef.incomplete`, 300_001],
    ] as const) {
      await mkdir(blobs, { recursive: true });
      await writeFile(join(blobs, name), Buffer.alloc(bytes, "z"));
    }
    const { folder } = await test.pull();
    expect(await readFile(join(folder, "onnx/model.onnx"))).toEqual(crossEncoder().files["onnx/model.onnx"]);
  });

  it("takes all of it from a server that knows no ranges", async () => {
    await using test = await openHubTest();
    test.hub.failWith(({ server, before }) => {
      if (server === "hub") return undefined;
      return before === 0 ? { kind: "cut", after: 100_000 } : { kind: "no-ranges" };
    });
    const { folder } = await test.pull();
    expect(await readFile(join(folder, "onnx/model.onnx"))).toEqual(crossEncoder().files["onnx/model.onnx"]);
  });

  it("gives up after some attempts that bring little, and keeps what came", async () => {
    await using test = await openHubTest();
    test.hub.failWith(({ server, path }) =>
      server === "cdn" && path.startsWith(weights) ? { kind: "cut", after: 10_000 } : undefined,
    );
    // The tokenizer is smaller than what comes before the cut.
    await expect(test.pull()).rejects.toMatchObject({
      code: expect.stringMatching(/^provider_(?:failed|unreachable)$/),
    });
    expect(test.hub.requests.filter(({ server, before }) => server === "cdn" && before >= 4)).toEqual([]);
  });

  it("does not wait for a connection that brings nothing any more", async () => {
    await using test = await openHubTest();
    test.hub.failWith(({ server, before }) =>
      server === "cdn" && before === 0 ? { kind: "stall", after: 2_000 } : undefined,
    );
    const patience = { ...impatient, stallMs: 200, tries: 1_000 };
    const { folder } = await test.pull("org/model", { patience });
    expect(await readFile(join(folder, "onnx/model.onnx"))).toEqual(crossEncoder().files["onnx/model.onnx"]);
  });

  it("ends at once when it is stopped, whatever it waits for", async () => {
    await using test = await openHubTest();
    const stop = new AbortController();
    test.hub.failWith(({ server }) => {
      if (server === "cdn") queueMicrotask(() => stop.abort(new Error("stopped")));
      return server === "cdn" ? { kind: "stall", after: 0 } : undefined;
    });
    const patience = { stallMs: 3_600_000, leastBytes: 1, tries: 2, waitMs: () => 3_600_000 };
    await expect(test.pull("org/model", { signal: stop.signal, patience })).rejects.toThrow("stopped");
  });
});
