import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { promisify } from "node:util";

import { rememberSuccess } from "@dheera-ai/core/provider-utils";

/**
 * What ONNX Runtime multiplies 8-bit integers with. `avx512_vnni` and `avx_vnni` and those of ARM (`neon`, `neon_dot`,
 * `neon_i8mm`) and of WebAssembly are exact. `avx512`, `avx2` and `sse` add two products of an unsigned and a signed
 * integer in 16 bits, which saturates: a signed int8 file then gives other scores, so they are told apart.
 */
export type IntegerKernels =
  | "avx512_vnni"
  | "avx_vnni"
  | "avx512"
  | "avx2"
  | "sse"
  | "neon_i8mm"
  | "neon_dot"
  | "neon"
  | "wasm";

export interface Cpu {
  readonly arch: "x64" | "arm64" | "other";
  readonly kernels: IntegerKernels;
  /** The processor's name, where the system does not say what it can and `kernels` are a guess. */
  readonly guessedFor?: string;
}

/** What the runtime in WebAssembly computes with, on any machine. */
export const wasmCpu: Cpu = { arch: "other", kernels: "wasm" };

/**
 * Of this machine; found once. Where the system does not say, the least that its kind of machine has.
 * @throws Error where it cannot be read just now
 */
export const readCpu: () => Promise<Cpu> = rememberSuccess(async () => {
  const flags = await readFlags();
  const cpu = parseCpu(process.arch, flags);
  return flags === "" ? { ...cpu, guessedFor: cpus()[0]?.model.trim() ?? "unknown" } : cpu;
});

/**
 * @param arch As Node.js names it.
 * @param flags What `/proc/cpuinfo` or macOS's `sysctl` says; empty where there is neither, as on Windows.
 */
export function parseCpu(arch: string, flags: string): Cpu {
  const has = new Set(flags.toLowerCase().split(/[^\w.]+/));
  const any = (...names: readonly string[]): boolean => names.some((name) => has.has(name));
  if (arch === "x64") {
    const avx512 = any("avx512f") && any("avx512bw");
    if (avx512 && any("avx512_vnni", "avx512vnni")) return { arch, kernels: "avx512_vnni" };
    if (any("avx_vnni", "avxvnni")) return { arch, kernels: "avx_vnni" };
    if (avx512) return { arch, kernels: "avx512" };
    // Every machine that these runtimes are made for has AVX2, and Windows does not say.
    return { arch, kernels: any("avx2") || has.size <= 1 ? "avx2" : "sse" };
  }
  if (arch === "arm64") {
    if (any("i8mm", "feat_i8mm")) return { arch, kernels: "neon_i8mm" };
    return { arch, kernels: any("asimddp", "feat_dotprod") ? "neon_dot" : "neon" };
  }
  // There is no native runtime for others.
  return wasmCpu;
}

async function readFlags(): Promise<string> {
  try {
    if (process.platform === "linux") return firstProcessor(await readFile("/proc/cpuinfo", "utf8"));
    if (process.platform === "darwin") return await readSysctl();
  } catch (error) {
    // A sandbox may hide both. What passes, such as too many open files, must not make this another processor for good.
    if (isPassing(error)) throw error;
  }
  return "";
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(EMFILE|ENFILE|EAGAIN|ENOMEM)$/.test(String(error.code));
}

/** The lines of flags: `flags` on x86, `Features` on ARM. */
function firstProcessor(cpuInfo: string): string {
  return /^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1] ?? "";
}

/** Names of features on Intel; on Apple's own machines `hw.optional.arm.FEAT_DotProd: 1`. */
async function readSysctl(): Promise<string> {
  const name = process.arch === "arm64" ? "hw.optional.arm" : "machdep.cpu";
  const { stdout } = await promisify(execFile)("/usr/sbin/sysctl", [name], { timeout: 5_000 });
  return stdout
    .split("\n")
    .filter((line) => !/:\s*0$/.test(line))
    .map((line) => line.replace(/^hw\.optional\.arm\./, ""))
    .join("\n");
}
