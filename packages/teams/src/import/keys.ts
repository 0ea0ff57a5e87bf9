import { readColumns } from "./column-reader.ts";
import type { ExportedRow } from "./exported.ts";
import type { LeftOutList } from "./left-out.ts";
import type { PlannedKey } from "./plan.ts";

const table = "LiteLLM_VerificationToken";

/** The team to which LiteLLM's pages give the keys of those who are signed in. */
const teamOfPages = "litellm-dashboard";

/** @returns undefined, with the reason noted, for a key that lets nobody in here, or must not */
export function readKey(
  exported: ExportedRow,
  replaced: ReadonlyMap<string, Replaced>,
  leftOut: LeftOutList,
  now: number,
): PlannedKey | undefined {
  const row = readColumns(table, exported);
  const key_hash = row.text("token") ?? "";
  const expires = row.time("expires");
  const refusal =
    row.text("team_id") === teamOfPages
      ? "keys of people who are signed in to LiteLLM's pages end with it"
      : expires !== null && expires <= now
        ? "keys that have expired"
        : !/^[0-9a-f]{64}$/.test(key_hash)
          ? "their token is no SHA-256 of a key, so that nothing can be let in with it"
          : mayRerank(row.list("allowed_routes"))
            ? undefined
            : "keys that may not call a rerank route";
  if (refusal !== undefined) {
    leftOut.add(table, undefined, refusal);
    return undefined;
  }
  return {
    key_hash,
    key_name: row.text("key_name") ?? "sk-...",
    key_alias: row.text("key_alias"),
    team_id: row.text("team_id"),
    user_id: row.text("user_id"),
    organization_id: row.text("organization_id"),
    expires,
    blocked: row.truth("blocked") ? 1 : 0,
    ...replaced.get(key_hash),
  };
}

const routesOfRerank: ReadonlySet<string> = new Set([
  "llm_api_routes",
  "rerank",
  "/rerank",
  "/v1/rerank",
  "/v2/rerank",
  "/*",
]);

function mayRerank(routes: readonly string[]): boolean {
  return routes.length === 0 || routes.some((route) => routesOfRerank.has(route));
}

export interface Replaced {
  readonly previous_hash: string;
  readonly previous_until: number;
}

/** The keys that were replaced and are still let in, by the hash of the key in their place. */
export function replacedKeys(rows: readonly ExportedRow[], now: number): ReadonlyMap<string, Replaced> {
  const found = new Map<string, Replaced>();
  for (const exported of rows) {
    const row = readColumns("LiteLLM_DeprecatedVerificationToken", exported);
    const [hash, previous_hash, previous_until] = [
      row.text("active_token_id"),
      row.text("token"),
      row.time("revoke_at"),
    ];
    if (hash !== null && previous_hash !== null && previous_until !== null && previous_until > now)
      found.set(hash, { previous_hash, previous_until });
  }
  return found;
}
