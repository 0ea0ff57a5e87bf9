import { type Fault, faultOf } from "../fault.ts";
import type { RequestFacts, Telemetry } from "../telemetry.ts";
import type { Log } from "./create-log.ts";
import { describeError } from "./describe-error.ts";

/** Logs one line a request; its query and documents only where the operator has switched them on, at level `debug`. */
export function requestLog(
  log: Log,
  { documents = false }: { readonly documents?: boolean | undefined },
): Pick<Telemetry, "requestEnded"> {
  return {
    requestEnded(facts) {
      const level = levelOf(facts);
      if (log.isEnabled(level)) log.logger[level](messageOf(facts), fieldsOf(facts));
      if (documents && facts.request && log.isEnabled("debug")) {
        const { query, documents: texts } = facts.request;
        log.logger.debug("documents of a request", { call_id: facts.callId, query, documents: texts });
      }
    },
  };
}

/** `error` is for requests on which the operator has to act; the other levels are for looking things up. */
function levelOf(facts: RequestFacts): "debug" | "info" | "warn" | "error" {
  const { status, code, report } = facts;
  if (isUnasked(facts)) return status < 400 ? "debug" : "warn";
  if (code === "cancelled") return "info";
  if (code !== undefined || status >= 400) return levels[faultOf(code, status)];
  return report?.passthrough === undefined ? "info" : "warn";
}

const levels = { caller: "warn", upstream: "error", us: "error" } as const satisfies Record<Fault, string>;

/** Nobody asked for it just now: a probe, a page that is open, or a file of a page whose own request has its line. */
function isUnasked({ route, isBackground = false }: RequestFacts): boolean {
  if (isBackground || route === "/metrics" || probesOfEngines.has(route)) return true;
  return route.startsWith("/health/") || route.startsWith("/assets/");
}

/** Weaviate asks them of its inference container, the first once a second until it has started. */
const probesOfEngines: ReadonlySet<string> = new Set([
  "/weaviate/.well-known/ready",
  "/weaviate/.well-known/live",
  "/weaviate/meta",
]);

function messageOf({ method, route, status, code }: RequestFacts): string {
  return code === undefined ? `${method} ${route} ${status}` : `${method} ${route} ${status} ${code}`;
}

function fieldsOf(facts: RequestFacts): Record<string, unknown> {
  const { callId, method, route, status, caller, modelName, durationMilliseconds } = facts;
  const fields: Record<string, unknown> = { call_id: callId, method, route, status };
  if (caller !== undefined) fields["key"] = caller;
  if (modelName !== undefined) fields["model"] = modelName;
  fields["duration_ms"] = rounded(durationMilliseconds);
  addReport(fields, facts);
  addFailure(fields, facts);
  return fields;
}

/** Adds facts about reranking; those that are usually zero are left out when they are. */
function addReport(fields: Record<string, unknown>, { report, modelName }: RequestFacts): void {
  if (!report) return;
  fields["documents"] = report.documents;
  fields["batches"] = report.batches;
  fields["retries"] = report.retries;
  fields["cache_hits"] = report.cacheHits;
  if (report.deployment !== undefined) fields["deployment"] = report.deployment;
  if (report.modelName !== undefined && report.modelName !== modelName) fields["served_by"] = report.modelName;
  if (report.upstreamMilliseconds > 0) fields["upstream_ms"] = rounded(report.upstreamMilliseconds);
  if (report.queueMilliseconds > 0) fields["queue_ms"] = rounded(report.queueMilliseconds);
  if (report.fallbacks > 0) fields["fallbacks"] = report.fallbacks;
  if (report.tokens > 0) fields["tokens"] = report.tokens;
  if (report.unpricedCalls === 0 && report.cost > 0) fields["cost"] = report.cost;
  if (report.savedCost !== undefined && report.savedCost > 0) fields["saved_cost"] = report.savedCost;
  if (report.passthrough !== undefined) fields["passthrough"] = report.passthrough;
}

function addFailure(fields: Record<string, unknown>, { code, status, provider, error }: RequestFacts): void {
  if (code === undefined && status < 400) return;
  if (code !== undefined) fields["code"] = code;
  fields["fault"] = faultOf(code, status);
  if (provider !== undefined) fields["provider"] = provider;
  if (!error) return;
  fields["reason"] = error.message;
  if (error.upstream) fields["upstream"] = error.upstream;
  if (error.deployment !== undefined) fields["deployment"] = error.deployment;
  // Where a body that the caller wrote could not be read says nothing: the reason does.
  if (error.cause !== undefined && fields["fault"] !== "caller") fields["cause"] = describeError(error.cause);
}

/** Rounds to a hundredth: further digits are noise and make every line longer. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
