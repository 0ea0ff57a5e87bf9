import { describe, expect, it } from "vitest";

import { parseCpu, readCpu } from "./cpu.ts";

describe("a CPU", () => {
  it.each([
    ["x64", "fpu sse2 avx2 avx512f avx512dq avx512bw avx512vl avx512_vnni avx512_bf16", "avx512_vnni"],
    ["x64", "fpu sse2 avx2 fma avx_vnni", "avx_vnni"],
    ["x64", "fpu sse2 avx2 avx512f avx512dq avx512bw avx512vl", "avx512"],
    ["x64", "fpu sse2 avx2 fma", "avx2"],
    // A part of AVX-512 is not enough.
    ["x64", "fpu avx2 avx512f", "avx2"],
    ["x64", "fpu avx2 avx512f avx512_vnni", "avx2"],
    ["x64", "fpu sse sse2 avx", "sse"],
    ["x64", "", "avx2"],
    ["x64", "machdep.cpu.leaf7_features: RDWRFSGS AVX2 AVX512F AVX512BW AVX512VNNI", "avx512_vnni"],
    ["x64", "machdep.cpu.features: FPU SSE2 AVX1.0\nmachdep.cpu.leaf7_features: AVX2", "avx2"],
    ["arm64", "fp asimd evtstrm aes crc32 asimddp sve i8mm bf16", "neon_i8mm"],
    ["arm64", "fp asimd evtstrm asimddp", "neon_dot"],
    ["arm64", "fp asimd", "neon"],
    ["arm64", "", "neon"],
    ["arm64", "FEAT_AES: 1\nFEAT_DotProd: 1", "neon_dot"],
    ["arm64", "FEAT_DotProd: 1\nFEAT_I8MM: 1", "neon_i8mm"],
    ["riscv64", "rv64imafdc", "wasm"],
  ])("of %s with %j multiplies integers by %s", (arch, flags, kernels) => {
    expect(parseCpu(arch, flags).kernels).toBe(kernels);
  });

  it("of this machine is read once", async () => {
    const cpu = await readCpu();
    expect(cpu.arch).toBe(process.arch === "x64" || process.arch === "arm64" ? process.arch : "other");
    expect(await readCpu()).toBe(cpu);
  });
});
