import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { DheeraError } from "@dheera-ai/core";
import { isRecord } from "@dheera-ai/core/provider-utils";

export type Runtime = "native" | "wasm";

/** Where the two heavy modules are, which the child alone loads. */
export interface Peers {
  readonly runtime: Runtime;
  /** The version of ONNX Runtime. */
  readonly version: string;
  /** Absolute paths. */
  readonly modules: { readonly onnxRuntime: string; readonly tokenizer: string };
}

/** This machine, as far as it decides which runtime there is. */
export interface Platform {
  readonly platform: string;
  readonly arch: string;
  /** The C library is musl, as in Alpine Linux, which native ONNX Runtime does not run on. */
  readonly isMusl: boolean;
}

interface Module {
  readonly path: string;
  readonly version: string;
}

const packages = { native: "onnxruntime-node", wasm: "onnxruntime-web" } as const satisfies Record<Runtime, string>;
const tokenizers = "tokenizers";
/** Earlier ones have another API. */
const leastTokenizers = [0, 23] as const;

/** Where both are looked for: beside this package first, then from the folder of the configuration and where this runs. */
export function peerFolders(directory: string | undefined): readonly string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  return [here, ...(directory === undefined ? [] : [directory]), process.cwd()];
}

/**
 * Looks for ONNX Runtime and the tokenizer as seen from these folders, the first that has one counts. Loads neither.
 * @param wanted `native` where it exists on this machine, `wasm` otherwise, when absent
 * @throws DheeraError `invalid_request` with the command that installs what is missing
 */
export function findPeers(
  wanted: Runtime | undefined,
  folders: readonly string[],
  platform: Platform = thisPlatform(),
): Peers {
  const find = finder(folders);
  const native = find(packages.native);
  const wasm = find(packages.wasm);
  const tokenizer = find(tokenizers);
  const hasNative = !platform.isMusl && nativePlatforms.has(`${platform.platform} ${platform.arch}`);
  if (wanted === "native" && !hasNative)
    throw invalid(
      `runtime: native ONNX Runtime does not exist for ${nameOf(platform)}; leave runtime out, or set it to wasm`,
      "runtime",
    );
  const runtime = wanted ?? (hasNative && (native !== undefined || wasm === undefined) ? "native" : "wasm");
  const onnxRuntime = runtime === "native" ? native : wasm;
  if (onnxRuntime && tokenizer && isRecent(tokenizer.version))
    return {
      runtime,
      version: onnxRuntime.version,
      modules: { onnxRuntime: onnxRuntime.path, tokenizer: tokenizer.path },
    };
  const missing = [...(onnxRuntime ? [] : [packages[runtime]]), ...(tokenizer ? [] : [tokenizers])];
  if (missing.length > 0) throw invalid(`local/… needs ${missing.join(" and ")}: npm install ${missing.join(" ")}`);
  throw invalid(
    `local/… needs ${tokenizers} ${leastTokenizers.join(".")} or newer, and finds ${tokenizer?.version}: npm install ${tokenizers}@latest`,
  );
}

/** Those that `onnxruntime-node` carries binaries for. */
const nativePlatforms: ReadonlySet<string> = new Set([
  "linux x64",
  "linux arm64",
  "darwin arm64",
  "win32 x64",
  "win32 arm64",
]);

function thisPlatform(): Platform {
  return { platform: process.platform, arch: process.arch, isMusl: runsOnMusl() };
}

/** Whether musl is the C library of this process, and not only installed: the report names glibc's version otherwise. */
function runsOnMusl(): boolean {
  if (process.platform !== "linux" || !hasMusl()) return false;
  // Names of hosts that the report looks up would take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const header = isRecord(report) ? report["header"] : undefined;
  return isRecord(header) && header["glibcVersionRuntime"] === undefined;
}

function hasMusl(): boolean {
  try {
    return readdirSync("/lib").some((file) => file.startsWith("ld-musl-"));
  } catch {
    // Some systems have no such folder, and their C library is not musl.
    return false;
  }
}

/** Of several places the first that has it counts. */
function finder(folders: readonly string[]): (name: string) => Module | undefined {
  const requires = folders.map((folder) => createRequire(resolve(folder, "any.js")));
  return (name) => {
    for (const require of requires)
      try {
        const path = require.resolve(name);
        return { path, version: versionOf(path, name) };
      } catch {
        // Perhaps the next place has it.
      }
    return undefined;
  };
}

/** By the `package.json` above a file of the package: its exports need not name it. */
function versionOf(path: string, name: string): string {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, "package.json");
    const content: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
    if (isRecord(content) && content["name"] === name) return String(content["version"]);
  }
  throw new Error(`${name} has no package.json`);
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > leastTokenizers[0] || (major === leastTokenizers[0] && minor >= leastTokenizers[1]);
}

function nameOf({ platform, arch, isMusl }: Platform): string {
  return `${platform} ${arch}${isMusl ? " with musl" : ""}`;
}

function invalid(message: string, param: string = "model"): DheeraError {
  return new DheeraError("invalid_request", message, { param, provider: "local" });
}
