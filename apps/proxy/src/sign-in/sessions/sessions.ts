import { createHash, createHmac, randomBytes } from "node:crypto";

import type { SessionRow, Teams } from "@dheera-ai/teams";

import { seal, unseal } from "./seal.ts";

/** Whose session it is. */
export type Holder =
  | { readonly kind: "user"; readonly userId: string }
  | { readonly kind: "key"; readonly keyHash: string }
  | { readonly kind: "master"; readonly masterKey: string };

export interface NewSession {
  /** The secret that the browser keeps; the database has its hash alone. */
  readonly cookie: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

export interface FoundSession {
  readonly userId: string | undefined;
  readonly keyHash: string | undefined;
  /** Whether this master key opened it: a session does not outlive the key it was opened with. */
  wasOpenedBy(masterKey: string): boolean;
  /** What the provider gets at sign-out. */
  readonly idToken: string | undefined;
  readonly expires: number;
}

/** Sessions of people who signed in, found by a secret of 256 random bits that the browser sends as a cookie. */
export interface Sessions {
  /** @param actor what the audit log calls the holder */
  create(holder: Holder, actor: string, more?: { readonly idToken?: string | undefined }): Promise<NewSession>;
  /**
   * Undefined for one that never was, that was ended and that has expired.
   * @throws DheeraError `rate_limited` where too many are looked for at once
   */
  find(cookie: string): Promise<FoundSession | undefined>;
  end(cookie: string): Promise<void>;
}

/** @param lifetimeSeconds of a session, however much it is used */
export function createSessions(
  { database: { db, transaction }, findSession }: Pick<Teams, "database" | "findSession">,
  lifetimeSeconds: number,
  now: () => number = Date.now,
): Sessions {
  return {
    async create(holder, actor, { idToken } = {}) {
      const cookie = randomBytes(cookieBytes).toString("base64url");
      const at = now();
      const row: SessionRow = {
        session_hash: hashOf(cookie),
        user_id: holder.kind === "user" ? holder.userId : null,
        key_hash: holder.kind === "key" ? holder.keyHash : null,
        master_proof: holder.kind === "master" ? proofOf(holder.masterKey, cookie) : null,
        id_token: idToken === undefined ? null : seal(idToken, cookie),
        created_at: at,
        expires: at + lifetimeSeconds * 1_000,
      };
      await transaction(async (all) => {
        await all.deleteFrom("dheera_sessions").where("expires", "<=", at).execute();
        await all.insertInto("dheera_sessions").values(row).execute();
        const entry = { id: crypto.randomUUID(), at, actor, action: "signed_in", kind: "session" };
        // Of the session's hash the log keeps a part: enough to tell sessions apart.
        const object_id = row.session_hash.slice(0, 16);
        await all
          .insertInto("dheera_audit")
          .values({ ...entry, object_id, before: null, after: null })
          .execute();
      });
      return { cookie, expires: row.expires };
    },
    async find(cookie) {
      if (!cookieForm.test(cookie)) return undefined;
      const row = await findSession(hashOf(cookie));
      if (!row || row.expires <= now()) return undefined;
      return {
        userId: row.user_id ?? undefined,
        keyHash: row.key_hash ?? undefined,
        wasOpenedBy: (masterKey) => row.master_proof === proofOf(masterKey, cookie),
        idToken: row.id_token === null ? undefined : unseal(row.id_token, cookie),
        expires: row.expires,
      };
    },
    async end(cookie) {
      await db.deleteFrom("dheera_sessions").where("session_hash", "=", hashOf(cookie)).execute();
    },
  };
}

const cookieBytes = 32;

/** Whatever else a client sends is not looked up. */
const cookieForm = /^[\w-]{43}$/;

/** The row is found by the hash: neither the database nor the time of the look-up reveals a cookie. */
function hashOf(cookie: string): string {
  return createHash("sha256").update(cookie).digest("hex");
}

function proofOf(masterKey: string, cookie: string): string {
  return createHmac("sha256", cookie).update(masterKey).digest("hex");
}
