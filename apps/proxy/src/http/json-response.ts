import type { RequestReport } from "@dheera-ai/core";

import { version } from "../version.ts";
import type { RequestContext, ResponseHeaders } from "./request-context.ts";

/** A JSON answer. It takes over the headers and adds to them. */
export function jsonResponse(body: unknown, status = 200, headers: ResponseHeaders = {}): Response {
  headers["content-type"] = "application/json";
  headers["x-content-type-options"] = "nosniff";
  return new Response(JSON.stringify(body), { status, headers });
}

/**
 * Answers a request in JSON, with all headers collected for it, the `x-dheera-*` headers of its report and, where the
 * configuration wants them, those that LiteLLM has.
 */
export function answerJson(context: RequestContext, body: unknown, status = 200): Response {
  const { headers, report, started, gateway } = context;
  if (report) addReport(context, report, performance.now() - started);
  if (gateway.config.general_settings.litellm_response_headers) addLitellmHeaders(context);
  return jsonResponse(body, status, headers);
}

function addReport({ headers, cost }: RequestContext, report: RequestReport, milliseconds: number): void {
  const overhead = Math.max(0, milliseconds - report.upstreamMilliseconds - report.queueMilliseconds);
  if (report.deployment !== undefined) headers["x-dheera-model-id"] = headerText(report.deployment);
  if (report.modelName !== undefined) headers["x-dheera-model-name"] = headerText(report.modelName);
  if (report.passthrough !== undefined) headers["x-dheera-passthrough"] = report.passthrough;
  headers["x-dheera-attempted-retries"] = String(report.retries);
  headers["x-dheera-attempted-fallbacks"] = String(report.fallbacks);
  headers["x-dheera-batches"] = String(report.batches);
  headers["x-dheera-cache-hits"] = String(report.cacheHits);
  headers["x-dheera-cache-misses"] = String(report.cacheMisses);
  if (cost !== undefined) headers["x-dheera-response-cost"] = String(cost);
  headers["x-dheera-response-duration-ms"] = milliseconds.toFixed(2);
  headers["x-dheera-overhead-duration-ms"] = overhead.toFixed(2);
}

/** What programs read that were written for LiteLLM. The address of the upstream is not for callers. */
function addLitellmHeaders({ headers, callId, modelName, caller, gateway }: RequestContext): void {
  headers["x-litellm-call-id"] = callId;
  headers["x-litellm-version"] = version;
  if (modelName !== undefined) headers["x-litellm-model-group"] = headerText(modelName);
  for (const name of sameInLitellm) {
    const value = headers[`x-dheera-${name}`];
    if (value !== undefined) headers[`x-litellm-${name}`] = value;
  }
  const own = caller?.owners[0];
  if (!own) return;
  const spent = gateway.accounts?.spentBy(caller);
  const figures = {
    "rpm-limit": own.limits.rpm,
    "tpm-limit": own.limits.tpm,
    "max-budget": own.budget?.max,
    spend: spent,
  };
  for (const [name, figure] of Object.entries(figures))
    if (figure !== undefined) headers[`x-litellm-key-${name}`] = String(figure);
}

/** Headers of a report that LiteLLM has by the same name. */
const sameInLitellm = [
  "model-id",
  "attempted-retries",
  "attempted-fallbacks",
  "response-cost",
  "response-duration-ms",
  "overhead-duration-ms",
] as const;

/** Headers carry ASCII only. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
