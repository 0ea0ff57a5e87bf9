import type { RequestReport } from "@dheera-ai/core";

import type { ResponseHeaders } from "../json-response.ts";

/** What a rerank request went through, as `x-dheera-*`. */
export function reportHeaders(report: RequestReport, milliseconds: number): ResponseHeaders {
  const overhead = Math.max(0, milliseconds - report.upstreamMilliseconds - report.queueMilliseconds);
  return {
    ...(report.deployment !== undefined && { "x-dheera-model-id": headerText(report.deployment) }),
    ...(report.modelName !== undefined && { "x-dheera-model-name": headerText(report.modelName) }),
    ...(report.passthrough !== undefined && { "x-dheera-passthrough": report.passthrough }),
    "x-dheera-attempted-retries": String(report.retries),
    "x-dheera-attempted-fallbacks": String(report.fallbacks),
    "x-dheera-batches": String(report.batches),
    "x-dheera-cache-hits": String(report.cacheHits),
    "x-dheera-cache-misses": String(report.cacheMisses),
    "x-dheera-response-duration-ms": milliseconds.toFixed(2),
    "x-dheera-overhead-duration-ms": overhead.toFixed(2),
  };
}

/** Headers carry ASCII alone. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
