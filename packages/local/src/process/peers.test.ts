import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { findPeers, peerFolders, type Peers, type Platform, type Runtime } from "./peers.ts";

const linux: Platform = { platform: "linux", arch: "x64", isMusl: false };
const alpine: Platform = { ...linux, isMusl: true };
const intelMac: Platform = { platform: "darwin", arch: "x64", isMusl: false };

type Versions = Readonly<Record<string, string>>;
interface Case {
  /** What each folder has. */
  readonly there: readonly Versions[];
  readonly platform: Platform;
  readonly wanted?: Runtime;
  readonly outcome: object;
}
const native: Versions = { "onnxruntime-node": "1.30.0" };
const wasm: Versions = { "onnxruntime-web": "1.30.0" };
const tokenizers: Versions = { tokenizers: "0.23.2" };
const install = (command: string): object =>
  expect.objectContaining({
    code: "invalid_request",
    message: expect.stringMatching(new RegExp(`^[^\n]*: npm install ${command}$`)),
  });
const found = (runtime: Runtime): object => ({ peers: expect.objectContaining({ runtime }) });

const cases: Readonly<Record<string, Case>> = {
  "of which there is none": { there: [], platform: linux, outcome: install("onnxruntime-node tokenizers") },
  "without ONNX Runtime": { there: [tokenizers], platform: linux, outcome: install("onnxruntime-node") },
  "without a tokenizer": { there: [native], platform: linux, outcome: install("tokenizers") },
  "with a tokenizer that is too old": {
    there: [{ ...native, tokenizers: "0.13.3" }],
    platform: linux,
    outcome: install("tokenizers@latest"),
  },
  "of which there is none on Alpine": { there: [], platform: alpine, outcome: install("onnxruntime-web tokenizers") },
  "that are native on Alpine": {
    there: [{ ...native, ...tokenizers }],
    platform: alpine,
    outcome: install("onnxruntime-web"),
  },
  "without a runtime on a Mac of Intel": {
    there: [tokenizers],
    platform: intelMac,
    outcome: install("onnxruntime-web"),
  },
  "without a tokenizer on a Mac of Intel": { there: [wasm], platform: intelMac, outcome: install("tokenizers") },
  "that are all there": { there: [{ ...native, ...wasm, ...tokenizers }], platform: linux, outcome: found("native") },
  "that are all there on Alpine": {
    there: [{ ...native, ...wasm, ...tokenizers }],
    platform: alpine,
    outcome: found("wasm"),
  },
  "that are all there where WebAssembly is wished for": {
    there: [{ ...native, ...wasm, ...tokenizers }],
    platform: linux,
    wanted: "wasm",
    outcome: found("wasm"),
  },
  "that are of WebAssembly alone": { there: [{ ...wasm, ...tokenizers }], platform: linux, outcome: found("wasm") },
  "in two folders": {
    there: [{ "onnxruntime-node": "1.27.0" }, { "onnxruntime-node": "1.28.0", ...tokenizers }],
    platform: linux,
    outcome: {
      peers: {
        runtime: "native",
        version: "1.27.0",
        modules: {
          onnxRuntime: expect.stringMatching(/0.node_modules.onnxruntime-node.dist.main\.js$/),
          tokenizer: expect.stringMatching(/1.node_modules.tokenizers.dist.main\.js$/),
        },
      },
    },
  },
  "that are wished to be native on Alpine": {
    there: [{ ...native, ...wasm, ...tokenizers }],
    platform: alpine,
    wanted: "native",
    outcome: expect.objectContaining({ param: "runtime", message: expect.stringContaining("linux x64 with musl") }),
  },
};

describe("the modules that run a model", () => {
  const stack = new AsyncDisposableStack();
  let outcomes: ReadonlyMap<string, unknown>;

  beforeAll(async () => {
    const folder = stack.use(
      await createFolder(
        Object.fromEntries(
          Object.values(cases).flatMap(({ there }, number) =>
            there.flatMap((versions, place) => packages(`${number}/${place}`, versions)),
          ),
        ),
      ),
    );
    outcomes = findAll(folder.path);
  });

  afterAll(() => stack.disposeAsync());

  it("are found beside this package, with their version", () => {
    const { runtime, version, modules } = findPeers(undefined, peerFolders("/nowhere"));
    expect([runtime, version]).toEqual(["native", expect.stringMatching(/^1\.\d+\.\d+$/)]);
    expect(modules.onnxRuntime).toContain("onnxruntime-node");
    expect(modules.tokenizer).toContain("tokenizers");
  });

  it.each(Object.entries(cases))("%s", (name, { outcome }) => {
    expect(outcomes.get(name)).toEqual(outcome);
  });
});

/** In a process of its own: the one that runs tests may have a `NODE_PATH`, which leads to modules from every folder. */
function findAll(folder: string): ReadonlyMap<string, unknown> {
  const program = `import { findPeers } from ${JSON.stringify(new URL("peers.ts", import.meta.url))};
    const outcomes = JSON.parse(process.argv[1]).map(([name, wanted, folders, platform]) => {
      try { return [name, { peers: findPeers(wanted ?? undefined, folders, platform) }]; }
      catch ({ code, message, param }) { return [name, { code, message, param }]; }
    });
    process.stdout.write(JSON.stringify(outcomes));`;
  const asked = Object.entries(cases).map(([name, { there, wanted, platform }], number) => [
    name,
    wanted,
    there.map((_, place) => join(folder, `${number}`, `${place}`)),
    platform,
  ]);
  const args = ["-C", "source", "--input-type=module", "-e", program, JSON.stringify(asked)];
  const said: readonly (readonly [string, { readonly peers?: Peers }])[] = JSON.parse(
    execFileSync(process.execPath, args, { encoding: "utf8", env: {} }),
  );
  return new Map(said);
}

/** Packages as far as they are looked at: files and their texts. */
function packages(folder: string, versions: Versions): readonly (readonly [string, string])[] {
  return Object.entries(versions).flatMap(([name, version]) => [
    [`${folder}/node_modules/${name}/package.json`, JSON.stringify({ name, version, main: "dist/main.js" })],
    [`${folder}/node_modules/${name}/dist/main.js`, "throw new Error('it must not be loaded')"],
  ]);
}
