import type { DeploymentStatus, ErrorCode } from "@dheera-ai/core";

/** What is known of a deployment, for people and dashboards. */
export interface DeploymentBody {
  readonly id: string;
  readonly model_name: string;
  /** `<provider>/<model>`. */
  readonly model: string;
  readonly api_base?: string;
  readonly state: DeploymentStatus["state"];
  readonly documents_in_flight: number;
  readonly documents_queued: number;
  readonly documents_allowed?: number;
  readonly calls: number;
  readonly failures: number;
  readonly latency_ms?: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly last_error?: ErrorCode;
  readonly server?: string;
}

export function deploymentBody({
  id,
  modelName,
  provider,
  model,
  apiBase,
  state,
  calls,
  failures,
  latency,
  lastError,
  profile,
  ...documents
}: DeploymentStatus): DeploymentBody {
  return {
    id,
    model_name: modelName,
    model: `${provider}/${model}`,
    state,
    documents_in_flight: documents.documentsInFlight,
    documents_queued: documents.documentsQueued,
    calls,
    failures,
    ...(apiBase !== undefined && { api_base: withoutCredentials(apiBase) }),
    ...(documents.documentsAllowed !== undefined && { documents_allowed: documents.documentsAllowed }),
    ...(latency && { latency_ms: { p50: latency.p50, p95: latency.p95, p99: latency.p99 } }),
    ...(lastError !== undefined && { last_error: lastError }),
    ...(profile?.server !== undefined && { server: profile.server }),
  };
}

/** An address may carry a user name, a password, or a key among its parameters. */
function withoutCredentials(address: string): string {
  if (!URL.canParse(address)) return "";
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}
