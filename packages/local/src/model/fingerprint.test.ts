import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { appendFile, cp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { type Cpu, parseCpu } from "./cpu.ts";
import { describeModel, type ModelWish } from "./describe-model.ts";
import type { ModelDescription } from "./description.ts";
import { findModel } from "./find-model.ts";
import { fingerprintOf, type Surroundings } from "./fingerprint.ts";
import { hashFile } from "./hash-file.ts";
import { knownModels } from "./testing/known-models.ts";
import { type ModelFiles, writeModel } from "./testing/make-model.ts";

const vnni = parseCpu("x64", "avx2 avx512f avx512bw avx512_vnni");
const avx2 = parseCpu("x64", "avx2");
const onVnni: Surroundings = { runtime: "native", runtimeVersion: "1.30.0", cpu: vnni };
const commit = "0123456789abcdef0123456789abcdef01234567";
const other = "89abcdef0123456789abcdef0123456789abcdef";

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return { ...fs, createReadStream: vi.fn(fs.createReadStream) };
});

let folder: Awaited<ReturnType<typeof createFolder>>;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const here = (name: string): string => join(folder.path, name);

async function describeFolder(name: string, wish: ModelWish = {}, cpu: Cpu = vnni): Promise<ModelDescription> {
  return describeModel(await findModel(here(name), { environment: {} }), wish, cpu);
}

async function fingerprint(name: string, wish: ModelWish = {}, surroundings = onVnni): Promise<string> {
  return fingerprintOf(await describeFolder(name, wish, surroundings.cpu), surroundings);
}

const crossEncoder: ModelFiles = {
  ...knownModels["cross-encoder/ms-marco-MiniLM-L6-v2"],
  "tokenizer.json": { tokens: 1 },
  "onnx/model.onnx": "weights",
};
const biEncoder: ModelFiles = { ...knownModels["Qwen/Qwen3-Embedding-0.6B"], "tokenizer.json": { tokens: 1 } };

describe("the fingerprint of a folder", () => {
  it("is equal where the files are equal, wherever they are", async () => {
    await writeModel(here("one"), crossEncoder);
    await cp(here("one"), here("two"), { recursive: true });
    expect(await fingerprint("one")).toBe(await fingerprint("two"));
  });

  it("is another where the weights, their external data or the tokenizer are others", async () => {
    await writeModel(here("model"), biEncoder);
    const seen = new Set([await fingerprint("model")]);
    for (const file of ["onnx/model.onnx", "onnx/model.onnx_data", "tokenizer.json"]) {
      await appendFile(join(here("model"), file), " ");
      seen.add(await fingerprint("model"));
    }
    expect(seen.size).toBe(4);
  });

  it("is another where weights of the same size and time took the place of others", async () => {
    await writeModel(here("model"), { ...crossEncoder, "onnx/other.onnx": "weighty" });
    const wish = { file: "onnx/model.onnx" };
    const time = new Date(1_700_000_000_000);
    for (const file of ["onnx/model.onnx", "onnx/other.onnx"]) await utimes(join(here("model"), file), time, time);
    const before = await fingerprint("model", wish);
    await rename(join(here("model"), "onnx/other.onnx"), join(here("model"), "onnx/model.onnx"));
    expect(await fingerprint("model", wish)).not.toBe(before);
  });

  it("says that a file has gone", async () => {
    await writeModel(here("model"), crossEncoder);
    const model = await describeFolder("model");
    await rm(model.weights.path);
    await expect(fingerprintOf(model, onVnni)).rejects.toMatchObject({ code: "model_not_found", param: "model" });
  });
});

describe("the fingerprint of a model of the Hub", () => {
  async function ofCache(name: string, revision = commit): Promise<string> {
    const found = await findModel(`${name}@${revision}`, { environment: { HF_HUB_CACHE: folder.path } });
    return fingerprintOf(await describeModel(found, {}, vnni), onVnni);
  }

  it("goes by its name and commit, whatever the revision is called, and reads no weights", async () => {
    const repository = here("models--a--b");
    await writeModel(repository, { "refs/main": commit, "refs/v1": commit, "refs/v0": other });
    await writeModel(join(repository, "snapshots", commit), crossEncoder);
    await writeModel(join(repository, "snapshots", other), crossEncoder);
    await cp(repository, here("models--a--c"), { recursive: true });
    const one = await ofCache("a/b");
    expect(await ofCache("a/b", "main")).toBe(one);
    expect(await ofCache("a/b", "v1")).toBe(one);
    expect(await ofCache("a/b", "v0")).not.toBe(one);
    expect(await ofCache("a/c")).not.toBe(one);
    await writeFile(join(repository, "snapshots", commit, "onnx/model_qint8_avx512_vnni.onnx"), "others");
    expect(await ofCache("a/b")).toBe(one);
  });
});

describe("a fingerprint", () => {
  it("is another wherever scores may be others", async () => {
    await writeModel(here("cross"), {
      ...crossEncoder,
      "config.json": { architectures: ["BertForSequenceClassification"] },
    });
    await writeModel(here("bi"), biEncoder);
    const all = [
      await fingerprint("cross", { dtype: "fp32" }),
      await fingerprint("cross", { dtype: "int8" }),
      await fingerprint("cross", { file: "onnx/model_O3.onnx" }),
      await fingerprint("cross", { dtype: "fp32", maxLength: 128 }),
      await fingerprint("cross", { dtype: "fp32", positiveLabel: "0" }),
      await fingerprint("cross", { dtype: "fp32" }, { ...onVnni, runtimeVersion: "1.31.0" }),
      await fingerprint("cross", { dtype: "fp32" }, { ...onVnni, runtime: "wasm" }),
      await fingerprint("bi"),
      await fingerprint("bi", { pooling: "mean" }),
      await fingerprint("bi", { queryPrompt: "q: " }),
      await fingerprint("bi", { queryPrompt: "", documentPrompt: "q: " }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("differs by CPU where integers are multiplied, which the file says and not its name", async () => {
    const integers = "\u0022\u000dMatMulInteger";
    await writeModel(here("model"), { ...crossEncoder, "onnx/model.onnx": integers, "onnx/model_int8.onnx": "floats" });
    const of = async (file: string, cpu: Cpu): Promise<string> => fingerprint("model", { file }, { ...onVnni, cpu });
    expect(await of("onnx/model_int8.onnx", avx2)).toBe(await of("onnx/model_int8.onnx", vnni));
    expect(await of("onnx/model.onnx", avx2)).not.toBe(await of("onnx/model.onnx", vnni));
    expect(await of("onnx/model.onnx", vnni)).toBe(await of("onnx/model.onnx", vnni));
  });

  it("is the same in WebAssembly on every CPU", async () => {
    await writeModel(here("model"), { ...crossEncoder, "onnx/model.onnx": "\u0022\u000dMatMulInteger" });
    const of = async (cpu: Cpu): Promise<string> =>
      fingerprint("model", { file: "onnx/model.onnx" }, { ...onVnni, runtime: "wasm", cpu });
    expect(await of(avx2)).toBe(await of(vnni));
  });

  it("names for people what it is of, and holds no prompt", async () => {
    await writeModel(here("bi"), biEncoder);
    expect(await fingerprint("bi", { queryPrompt: "secret: ", maxLength: 512 })).toMatch(
      /^local [0-9a-f]{32} fp32 512 tokens, onnxruntime native 1\.30\.0$/,
    );
    await writeModel(here("cross"), {
      ...crossEncoder,
      "onnx/model_qint8_avx512_vnni.onnx": "\u0022\u000dMatMulInteger",
    });
    expect(await fingerprint("cross")).toMatch(
      /^local [0-9a-f]{32} int8 512 tokens, onnxruntime native 1\.30\.0 avx512_vnni$/,
    );
  });
});

describe("the hash of a file", () => {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

  it("is SHA-256, also of more than is read at once", async () => {
    const text = "x".repeat(3_000_001);
    await writeFile(here("file"), text);
    expect(await hashFile(here("file"))).toBe(sha256(text));
  });

  it("is made once for all who ask, and again when the file has changed", async () => {
    await writeFile(here("file"), "before");
    const reads = vi.mocked(createReadStream).mock.calls.length;
    expect(await Promise.all([hashFile(here("file")), hashFile(here("file"))])).toEqual([
      sha256("before"),
      sha256("before"),
    ]);
    expect(await hashFile(here("file"))).toBe(sha256("before"));
    expect(vi.mocked(createReadStream).mock.calls.length - reads).toBe(1);
    await writeFile(here("file"), "after!");
    expect(await hashFile(here("file"))).toBe(sha256("after!"));
  });

  it("fails where there is no file, and is made when there is", async () => {
    await expect(hashFile(here("file"))).rejects.toMatchObject({ code: "ENOENT" });
    await writeFile(here("file"), "there");
    expect(await hashFile(here("file"))).toBe(sha256("there"));
  });

  it("is made again after a file could not be read", async () => {
    await writeFile(here("file"), "there");
    vi.mocked(createReadStream).mockImplementationOnce(() => {
      throw new Error("EIO");
    });
    await expect(hashFile(here("file"))).rejects.toThrow("EIO");
    expect(await hashFile(here("file"))).toBe(sha256("there"));
  });

  it("stays right when more files were hashed than are remembered", async () => {
    for (let index = 0; index < 150; index++) {
      await writeFile(here(`file${index}`), `${index}`);
      expect(await hashFile(here(`file${index}`))).toBe(sha256(`${index}`));
    }
    expect(await hashFile(here("file0"))).toBe(sha256("0"));
  });
});
