import { type Found, type Page, type SpendLogRow, type Teams, toDollars } from "@dheera-ai/teams";

import { texts } from "../answers/row-answers.ts";
import type { SpendScope } from "./visible-spend.ts";

export interface LogsOf extends SpendScope {
  /** The proxy's id of an answer, or the caller's own. */
  readonly id?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
}

/** A page of the answers that were booked, the latest first, and how many there are. */
export async function findLogs(
  { spending: { reports } }: Pick<Teams, "spending">,
  { id, ...filter }: LogsOf,
  page: Page,
): Promise<Found<SpendLogRow>> {
  if (id === undefined) return reports.logs(filter, page);
  const found = await reports.logs({ ...filter, request_id: id }, page);
  return found.total > 0 ? found : reports.logs({ ...filter, call_id: id }, page);
}

/** An answer as LiteLLM lists it, and what is known of it here alone. */
export interface LogAnswer {
  readonly request_id: string;
  readonly litellm_call_id: string;
  readonly call_type: "rerank";
  readonly api_key: string;
  readonly key_name: string;
  readonly team_id: string | null;
  readonly user: string | null;
  readonly organization_id: string | null;
  /** US dollars; null where the cost is not known. */
  readonly spend: number | null;
  readonly saved_spend: number | null;
  readonly total_tokens: number;
  readonly documents: number;
  readonly cached_documents: number;
  readonly startTime: string;
  readonly endTime: string;
  readonly request_duration_ms: number;
  readonly model: string;
  readonly model_group: string;
  readonly model_id: string | null;
  readonly custom_llm_provider: string | null;
  readonly request_tags: readonly string[];
  readonly status: "success" | "failure";
  readonly status_code: number;
}

export function logAnswer(row: SpendLogRow): LogAnswer {
  return {
    request_id: row.request_id,
    litellm_call_id: row.call_id,
    call_type: "rerank",
    api_key: row.key_hash,
    key_name: row.key_name,
    team_id: row.team_id,
    user: row.user_id,
    organization_id: row.organization_id,
    spend: row.cost === null ? null : toDollars(row.cost),
    saved_spend: row.saved_cost === null ? null : toDollars(row.saved_cost),
    total_tokens: row.tokens,
    documents: row.documents,
    cached_documents: row.cache_hits,
    startTime: new Date(row.at - row.milliseconds).toISOString(),
    endTime: new Date(row.at).toISOString(),
    request_duration_ms: row.milliseconds,
    model: row.model,
    model_group: row.model,
    model_id: row.deployment,
    custom_llm_provider: row.provider,
    request_tags: texts(row.tags),
    status: row.status < 400 ? "success" : "failure",
    status_code: row.status,
  };
}

export const logColumns = [
  "startTime",
  "endTime",
  "request_id",
  "litellm_call_id",
  "api_key",
  "key_name",
  "team_id",
  "user",
  "organization_id",
  "model",
  "model_id",
  "custom_llm_provider",
  "status",
  "status_code",
  "spend",
  "saved_spend",
  "total_tokens",
  "documents",
  "cached_documents",
  "request_duration_ms",
  "request_tags",
] as const satisfies readonly (keyof LogAnswer)[];
