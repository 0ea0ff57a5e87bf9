import { type Dheera, newReport } from "@dheera-ai/core";

import type { Throughput } from "./examination.ts";
import { passages, query } from "./workload.ts";

const sizes = [1, 8, 32, 128];
const repetitions = 3;
/** A size that takes longer is measured once, and larger sizes are not tried. */
const sizeTimeoutMs = 5_000;

/** Measures documents a second for requests of some sizes, one request at a time. @throws DheeraError */
export async function measureThroughput(dheera: Dheera, model: string, signal: AbortSignal): Promise<Throughput[]> {
  const measured: Throughput[] = [];
  for (const documents of sizes) {
    const one = await measure(dheera, { model, query, documents: passages(documents) }, signal);
    measured.push(one);
    if (one.milliseconds > sizeTimeoutMs) break;
  }
  return measured;
}

/** The median of several requests. */
async function measure(
  dheera: Dheera,
  request: Parameters<Dheera["rerank"]>[0],
  signal: AbortSignal,
): Promise<Throughput> {
  const documents = request.documents.length;
  const runs: { milliseconds: number; calls: number }[] = [];
  const start = performance.now();
  do {
    const report = newReport();
    const runStart = performance.now();
    await dheera.rerank(request, { signal, report });
    runs.push({ milliseconds: performance.now() - runStart, calls: report.batches });
  } while (runs.length < repetitions && performance.now() - start < sizeTimeoutMs);
  const sorted = runs.toSorted((a, b) => a.milliseconds - b.milliseconds);
  const { milliseconds, calls } = sorted[Math.floor(sorted.length / 2)] ?? { milliseconds: 0, calls: 0 };
  return {
    documents,
    calls,
    milliseconds: round(milliseconds),
    documents_per_second: round((documents * 1000) / milliseconds),
  };
}

/** Rounds to a tenth, because smaller digits are noise. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
