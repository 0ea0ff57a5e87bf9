/** What can be told. */
export const eventTypes = [
  "budget.nearly_spent",
  "budget.spent",
  "key.expiring",
  "deployment.down",
  "deployment.up",
] as const;
export type EventType = (typeof eventTypes)[number];

/** Something that happened and is told to whoever wants to know, once however many processes see it. */
export interface NewEvent {
  /** No two events have the same, and whoever sees the same event makes the same key of it. */
  readonly key: string;
  readonly type: EventType | "webhook.test";
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whose doing it is, which of one is told so often; absent where nobody can make many. */
  readonly source?: string;
  /** Until when, at least, the same is not to be told again; milliseconds since the epoch. */
  readonly keptUntil?: number;
  /** For people. */
  readonly message: string;
  /** For programs. */
  readonly fields: EventFields;
}

/** The body of an event under LiteLLM's names, where it has one for the same. */
export interface EventFields {
  /** LiteLLM's word for it, or ours where it has none. */
  readonly event: string;
  readonly event_group: "key" | "team_member" | "user" | "team" | "organization_member" | "organization" | "proxy";
  /** US dollars. */
  readonly spend?: number;
  readonly max_budget?: number;
  readonly soft_budget?: number;
  readonly budget_reset_at?: string;
  /** The first digits of the key's hash. */
  readonly token?: string;
  readonly key_alias?: string;
  readonly key_name?: string;
  readonly team_id?: string;
  readonly team_alias?: string;
  readonly user_id?: string;
  readonly organization_id?: string;
  readonly expires?: string;
  readonly model_id?: string;
  readonly model_group?: string;
  readonly custom_llm_provider?: string;
  /** Why a deployment is down: an error code of the proxy, not what its server said. */
  readonly reason?: string;
}

/** Whose doing it is when a key is told of: its user's, else its team's, else its own. */
export function sourceOf(
  key: { readonly user_id: string | null; readonly team_id: string | null } | undefined,
  id: string,
): string {
  if (key?.user_id) return `user ${key.user_id}`;
  return key?.team_id ? `team ${key.team_id}` : `key ${id}`;
}

/** Characters of a name in a message. */
const mostOfName = 100;

/** A name in a message: one line of so much, which no sign turns around, because whoever chose it is not the one who tells. */
export function named(name: string): string {
  const line = name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length > mostOfName ? `${line.slice(0, mostOfName)}…`.toWellFormed() : line;
}

/** Of the 64 digits of a key's hash: enough to find the key by, of no use as one. */
export function prefixOf(hash: string): string {
  return hash.slice(0, 12);
}
