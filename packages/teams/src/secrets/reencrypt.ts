import { isDheeraError } from "@dheera-ai/core";
import type { Kysely } from "kysely";

import type { Tables } from "../database/tables.ts";
import { mapTexts } from "./map-texts.ts";
import { placeInModel, placeOfWebhook } from "./places.ts";
import { type Secrets, isEncrypted, keyIdOf } from "./secrets.ts";

export interface Reencrypted {
  /** Texts that are encrypted with the current key now, and were not before. */
  readonly reencrypted: number;
  /** Texts that were already. */
  readonly current: number;
  /** Why the others stay as they are: their key is not set, or they were changed. */
  readonly failures: readonly string[];
}

/**
 * Encrypts every secret of the database with the current key, so that previous keys can be forgotten. Proxies may run meanwhile, if they
 * know both keys; a row that one of them changes meanwhile is looked at again. Running it again is harmless.
 * @throws DheeraError `invalid_request` where no current key is set
 */
export async function reencryptSecrets(db: Kysely<Tables>, secrets: Secrets): Promise<Reencrypted> {
  // Also where there is nothing to encrypt: who forgot the key should learn it now.
  if (secrets.keyId === undefined) secrets.encrypt("", "");
  const counts = { reencrypted: 0, current: 0 };
  const failures: string[] = [];
  const renew = (text: string, place: string): string => {
    if (!isEncrypted(text)) return text;
    if (keyIdOf(text) === secrets.keyId) {
      counts.current++;
      return text;
    }
    try {
      const renewed = secrets.encrypt(secrets.decrypt(text, place), place);
      counts.reencrypted++;
      return renewed;
    } catch (error) {
      if (!isDheeraError(error) || error.code !== "unavailable") throw error;
      failures.push(error.message);
      return text;
    }
  };
  const models = await db.selectFrom("dheera_models").select("model_id").orderBy("model_id").execute();
  for (const { model_id: id } of models)
    await renewText(
      () => db.selectFrom("dheera_models").select("params as text").where("model_id", "=", id).executeTakeFirst(),
      (json) => {
        const params: unknown = JSON.parse(json);
        const renewed = mapTexts(params, (text, path) => renew(text, placeInModel(id, path)));
        return JSON.stringify(renewed);
      },
      (old, params) =>
        db
          .updateTable("dheera_models")
          .set({ params })
          .where("model_id", "=", id)
          .where("params", "=", old)
          .executeTakeFirst(),
    );
  const webhooks = await db.selectFrom("dheera_webhooks").select("webhook_id").orderBy("webhook_id").execute();
  for (const { webhook_id: id } of webhooks)
    for (const column of ["url", "secret", "previous_secret"] as const)
      await renewText(
        () =>
          db.selectFrom("dheera_webhooks").select(`${column} as text`).where("webhook_id", "=", id).executeTakeFirst(),
        (text) => renew(text, placeOfWebhook(id, column === "url" ? "url" : "secret")),
        (old, text) =>
          db
            .updateTable("dheera_webhooks")
            .set({ [column]: text })
            .where("webhook_id", "=", id)
            .where(column, "=", old)
            .executeTakeFirst(),
      );
  return { ...counts, failures };

  async function renewText(
    read: () => Promise<{ readonly text: string | null } | undefined>,
    change: (text: string) => string,
    write: (old: string, text: string) => Promise<{ readonly numUpdatedRows: bigint }>,
  ): Promise<void> {
    for (;;) {
      const before = { ...counts, failures: failures.length };
      const old = (await read())?.text;
      if (old === undefined || old === null) return;
      const renewed = change(old);
      if (counts.reencrypted === before.reencrypted || (await write(old, renewed)).numUpdatedRows > 0n) return;
      // Somebody changed the row since it was read; what was counted of it did not happen.
      Object.assign(counts, { reencrypted: before.reencrypted, current: before.current });
      failures.length = before.failures;
    }
  }
}
