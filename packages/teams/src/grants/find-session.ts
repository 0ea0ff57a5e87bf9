import type { Database } from "../database/open-database.ts";
import type { SessionRow } from "../database/tables.ts";
import { LookUps } from "./look-ups.ts";

/**
 * Finds the session with this hash of a cookie. Anybody may invent cookies, so all look-ups share one connection.
 * @throws DheeraError `rate_limited` where too many wait
 */
export type FindSession = (sessionHash: string) => Promise<SessionRow | undefined>;

export function sessionFinder({ db }: Pick<Database, "db">): FindSession {
  const lookUps = new LookUps<SessionRow | undefined>(async (hashes) => {
    const rows = await db.selectFrom("dheera_sessions").selectAll().where("session_hash", "in", hashes).execute();
    const found = new Map(rows.map((row) => [row.session_hash, row]));
    return (hash) => found.get(hash);
  });
  return (sessionHash) => lookUps.find(sessionHash);
}
