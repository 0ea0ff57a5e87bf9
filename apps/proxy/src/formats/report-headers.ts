import type { RequestReport } from "@dheera-ai/core";

import type { ResponseHeaders } from "../http/json-response.ts";

/** Adds what a rerank request went through, as `x-dheera-*`. */
export function addReport(headers: ResponseHeaders, report: RequestReport, milliseconds: number): void {
  const overhead = Math.max(0, milliseconds - report.upstreamMilliseconds - report.queueMilliseconds);
  if (report.deployment !== undefined) headers["x-dheera-model-id"] = headerText(report.deployment);
  if (report.modelName !== undefined) headers["x-dheera-model-name"] = headerText(report.modelName);
  if (report.passthrough !== undefined) headers["x-dheera-passthrough"] = report.passthrough;
  headers["x-dheera-attempted-retries"] = String(report.retries);
  headers["x-dheera-attempted-fallbacks"] = String(report.fallbacks);
  headers["x-dheera-batches"] = String(report.batches);
  headers["x-dheera-cache-hits"] = String(report.cacheHits);
  headers["x-dheera-cache-misses"] = String(report.cacheMisses);
  headers["x-dheera-response-duration-ms"] = milliseconds.toFixed(2);
  headers["x-dheera-overhead-duration-ms"] = overhead.toFixed(2);
}

/** Headers carry ASCII alone. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
