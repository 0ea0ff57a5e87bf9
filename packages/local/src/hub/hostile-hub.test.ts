import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { filesIn } from "./cache/scan.ts";
import { isSafePath, nameOfFolder, parseReference } from "./cache/names.ts";
import { neededFiles } from "./needed-files.ts";
import type { Fault } from "./testing/faults.ts";
import { crossEncoder, impatient, openHubTest } from "./testing/hub-test.ts";

/** What a Hub, or somebody between it and us, could do to files. */
const lies: readonly (readonly [string, Fault, RegExp])[] = [
  [
    "other bytes",
    { kind: "wrong-bytes" },
    /^onnx\/model\.onnx of org\/model is not what the Hub announced: its sha256 differs; it was deleted/,
  ],
  [
    "more bytes than it announced",
    { kind: "too-much", more: 1_000_000 },
    /^the Hub sends more of onnx\/model\.onnx than the 300000 bytes it announced/,
  ],
  [
    "a length that is too large",
    { kind: "lying-length", length: 9_000_000 },
    /^the Hub wants to send 9000000 bytes of onnx\/model\.onnx where 300000 are missing/,
  ],
  [
    "a length that is too small",
    { kind: "lying-length", length: 10 },
    /^the Hub wants to send 10 bytes of onnx\/model\.onnx where 300000 are missing/,
  ],
];

describe("a Hub that lies", () => {
  it.each(lies)("is refused with %s, and nothing of it stays", async (_, fault, message) => {
    await using test = await openHubTest();
    const plan = await test.plan();
    const path = `/lfs/${plan.files.at(-1)?.digest.hex}`;
    test.hub.failWith((seen) => (seen.path === path ? fault : undefined));
    await expect(test.pull()).rejects.toMatchObject({
      code: "provider_bad_response",
      message: expect.stringMatching(message),
    });
    const blobs = await readdir(join(test.cache, "models--org--model/blobs"));
    expect(blobs.filter((name) => name.startsWith(plan.files.at(-1)?.digest.hex ?? "none"))).toEqual([]);
    // The branch has no commit that is not whole.
    await expect(stat(join(test.cache, "models--org--model/refs/main"))).rejects.toThrow("ENOENT");
  });

  it("is refused with another small file than git has", async () => {
    await using test = await openHubTest();
    test.hub.failWith(({ path }) => (path.endsWith("/tokenizer_config.json") ? { kind: "wrong-bytes" } : undefined));
    await expect(test.pull()).rejects.toThrow(
      /^tokenizer_config\.json of org\/model is not what .* its git-sha1 differs/,
    );
  });

  it("is refused with another part of a file than was asked for", async () => {
    await using test = await openHubTest();
    const last = (await test.plan()).files.at(-1)?.digest.hex;
    test.hub.failWith(({ path, before }) => {
      if (path !== `/lfs/${last}`) return undefined;
      return before === 0 ? { kind: "cut", after: 100_000 } : { kind: "wrong-range" };
    });
    await expect(test.pull()).rejects.toThrow("the Hub sends another part of onnx/model.onnx than it was asked for");
  });

  it.each([
    [{ "x-repo-commit": "0".repeat(40) }, /sends onnx\/model\.onnx of commit 0{40} instead of/],
    [{ "x-linked-etag": `"${"a".repeat(64)}"` }, /names another hash for onnx\/model\.onnx/],
    [{ "x-linked-size": "5" }, /names another size for onnx\/model\.onnx/],
  ])("is refused before anything is downloaded when headers say another thing: %o", async (headers, message) => {
    await using test = await openHubTest();
    test.hub.failWith(({ path }) => (path.endsWith("/onnx/model.onnx") ? { kind: "headers", headers } : undefined));
    await expect(test.pull()).rejects.toThrow(message);
  });

  it("cannot hold anybody with a trickle", async () => {
    await using test = await openHubTest();
    test.hub.failWith(({ server }) => (server === "cdn" ? { kind: "stall", after: 10 } : undefined));
    const patience = { ...impatient, stallMs: 50, leastBytes: 1_000, tries: 3 };
    await expect(test.pull("org/model", { patience })).rejects.toMatchObject({ code: "provider_unreachable" });
  });

  it("cannot spoil what has come to its last byte by a connection that never ends", async () => {
    await using test = await openHubTest();
    test.hub.failWith(({ server }) => (server === "cdn" ? { kind: "endless" } : undefined));
    const patience = { ...impatient, stallMs: 300, tries: 1_000 };
    await expect(test.pull("org/model", { patience })).resolves.toBeDefined();
  });

  it("cannot send anybody round in circles, to a file, or to a name and password", async () => {
    await using test = await openHubTest();
    for (const [to, message] of [
      [`${test.hub.url}/api/models/org/model/revision/main`, "sends from address to address without end"],
      ["file:///etc/passwd", "sends on to something that is no address"],
      ["http://user:password@127.0.0.1:9/", "sends on to an address with a user name or password"],
    ] as const) {
      test.hub.failWith(() => ({ kind: "redirect", to }));
      await expect(test.plan()).rejects.toThrow(`the Hub ${message}`);
    }
    expect(test.hub.requests).toHaveLength(6 + 1 + 1);
  });

  it("cannot lead from https to http", async () => {
    await using test = await openHubTest();
    const fetch: typeof globalThis.fetch = async () => Response.redirect("http://127.0.0.1:9/", 302);
    const environment = { ...test.environment, HF_ENDPOINT: "https://hub.test" };
    await expect(test.plan("org/model", { environment, fetch })).rejects.toThrow(
      "the Hub sends on from https to 127.0.0.1:9 without encryption",
    );
  });

  it.each([
    ["no JSON", "<html>"],
    ["no commit", { siblings: [] }],
    ["a commit that is a path", { sha: `../../${"a".repeat(34)}`, siblings: [] }],
    ["files that are none", { sha: "a".repeat(40), siblings: [{ rfilename: 1 }] }],
    ["sizes that are none", { sha: "a".repeat(40), siblings: [{ rfilename: "config.json", size: -1 }] }],
  ])("is refused when it describes a model with %s", async (_, answer) => {
    await using test = await openHubTest();
    test.hub.describeWith(() => answer);
    await expect(test.plan()).rejects.toThrow("the Hub does not describe the model as the Hub does");
  });

  it("is refused when a description has no end", async () => {
    await using test = await openHubTest();
    test.hub.describeWith((info) => ({ ...info, padding: "x".repeat(17_000_000) }));
    await expect(test.plan()).rejects.toThrow("the Hub describes the model with more than 16 MB");
  });

  it("is refused when it answers with another commit than was named", async () => {
    await using test = await openHubTest();
    test.hub.describeWith((info) => ({ ...info, sha: "b".repeat(40) }));
    await expect(test.plan(`org/model@${test.hub.commitOf("org/model")}`)).rejects.toThrow(
      "the Hub answers with commit",
    );
  });

  it("is refused with names of files that leave the cache, before anything is written", async () => {
    await using test = await openHubTest();
    for (const path of ["../../../../evil.onnx", "/etc/evil.onnx", "C:\\evil.onnx", "a\0b.onnx", "nul/model.onnx"]) {
      test.hub.describeWith((info) => {
        const siblings = Array.isArray(info["siblings"]) ? info["siblings"] : [];
        const kept = siblings.filter(({ rfilename }) => !rfilename.endsWith(".onnx"));
        const evil = { rfilename: path, size: 4, lfs: { sha256: "a".repeat(64), size: 4 } };
        return { ...info, siblings: [...kept, evil] };
      });
      await expect(test.plan()).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:provider_bad_response|model_not_found)$/),
      });
    }
    expect(await filesIn(dirname(test.cache))).toEqual([]);
  });

  it("has no model where files come without size or hash, because nothing could be checked", async () => {
    await using test = await openHubTest();
    test.hub.describeWith((info) => {
      const siblings = Array.isArray(info["siblings"]) ? info["siblings"] : [];
      return { ...info, siblings: siblings.map(({ rfilename }) => ({ rfilename })) };
    });
    await expect(test.plan()).rejects.toMatchObject({ code: "model_not_found" });
  });

  it("gets weights of another kind of model not asked for", async () => {
    const config = JSON.stringify({ architectures: ["LlamaForCausalLM"], model_type: "llama" });
    await using test = await openHubTest({ "org/model": crossEncoder({ files: { "config.json": config } }) });
    await expect(test.pull()).rejects.toThrow(/generative model/);
    expect(test.hub.requests.filter(({ path }) => path.endsWith("model.onnx"))).toEqual([]);
  });
});

describe("names", () => {
  const anyPath = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(
        fc.constantFrom("..", ".", "", "a", "con", "NUL.txt", "C:", "a ", "b.", "\0", "\\", "model.onnx", "onnx"),
        { maxLength: 6 },
      )
      .map((parts) => parts.join("/")),
  );

  it("of files stay below any folder, on every operating system, or are refused", async () => {
    const { posix, win32 } = await import("node:path");
    fc.assert(
      fc.property(anyPath, (path) => {
        if (!isSafePath(path)) return;
        for (const [os, folder] of [
          [posix, "/cache/snapshots/x"],
          [win32, "C:\\cache\\snapshots\\x"],
        ] as const) {
          const joined = os.join(folder, ...path.split("/"));
          expect(joined).toBe([folder, ...path.split("/")].join(os.sep));
          expect(os.resolve(folder, path)).toBe(joined);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("that models have are safe; those that windows or a shell would understand otherwise are not", () => {
    for (const path of [
      "config.json",
      "onnx/model_qint8_avx512_vnni.onnx",
      "1_Pooling/config.json",
      "モデル.onnx",
      ".gitattributes",
    ])
      expect(isSafePath(path), path).toBe(true);
    for (const path of [
      "",
      "/a",
      "a//b",
      "a/",
      "..",
      "a/../b",
      "a\\b",
      "a:b",
      "com1",
      "COM¹.onnx",
      "aux.json",
      "a\nb",
      "a.",
      "b ",
      "\ud800",
      "x".repeat(256),
    ])
      expect(isSafePath(path), path).toBe(false);
  });

  it("of models are read back from their folders, and everything else is refused with the form", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?$/);
    fc.assert(
      fc.property(word, word, fc.option(fc.stringMatching(/^[a-z0-9][a-z0-9.]{0,10}$/)), (org, model, revision) => {
        const name = `${org}/${model}`;
        fc.pre(!/--|\.\.|\.git$/.test(name));
        fc.pre(revision === null || (isSafePath(revision) && !revision.includes("..")));
        expect(parseReference(revision === null ? name : `${name}@${revision}`)).toEqual({
          name,
          revision: revision ?? undefined,
        });
        expect(nameOfFolder(`models--${org}--${model}`)).toBe(name);
      }),
    );
    fc.assert(
      fc.property(anyPath, (text) => {
        let parsed;
        try {
          parsed = parseReference(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_request", param: "model" });
          return;
        }
        expect(isSafePath(`models--${parsed.name.replaceAll("/", "--")}`)).toBe(true);
        if (parsed.revision !== undefined) expect(isSafePath(parsed.revision)).toBe(true);
      }),
    );
    expect(parseReference("local/org/model@v1")).toEqual({ name: "org/model", revision: "v1" });
  });

  it("of files in a listing never reach the disk unless they are safe", () => {
    const digest = { algorithm: "sha256", hex: "a".repeat(64) } as const;
    fc.assert(
      fc.property(fc.array(anyPath, { maxLength: 5 }), (paths) => {
        const files = ["config.json", "tokenizer.json", "onnx/model.onnx", ...paths].map((path) => ({
          path,
          bytes: 1,
          digest,
        }));
        try {
          const needed = neededFiles("org/model", files, {}, { arch: "x64", kernels: "avx2" });
          expect(needed.files.every(({ path }) => isSafePath(path))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: "DheeraError" });
        }
      }),
    );
  });
});
