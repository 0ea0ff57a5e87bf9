import type { RequestReport } from "@dheera-ai/core";

import type { RequestContext, ResponseHeaders } from "./request-context.ts";

/** A JSON answer. It takes over the headers and adds to them. */
export function jsonResponse(body: unknown, status = 200, headers: ResponseHeaders = {}): Response {
  headers["content-type"] = "application/json";
  headers["x-content-type-options"] = "nosniff";
  return new Response(JSON.stringify(body), { status, headers });
}

/** Answers a request in JSON, with all headers collected for it and the `x-dheera-*` headers of its report. */
export function answerJson({ headers, report, started }: RequestContext, body: unknown, status = 200): Response {
  if (report) addReport(headers, report, performance.now() - started);
  return jsonResponse(body, status, headers);
}

function addReport(headers: ResponseHeaders, report: RequestReport, milliseconds: number): void {
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

/** Headers carry ASCII only. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
