import type { Kysely } from "kysely";
import { beforeAll, expect, it } from "vitest";

import { openDatabase } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { migrate } from "../migrations/migrate.ts";
import { webhooks } from "../objects/kinds.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { placeInModel, placeOfWebhook } from "./places.ts";
import { reencryptSecrets } from "./reencrypt.ts";
import { type Secrets, keyIdOf, openSecrets } from "./secrets.ts";

const oldKey = "sk-salt-of-the-first-year";
const newKey = "sk-salt-of-the-second-year";
let before: Secrets;
let during: Secrets;
let after: Secrets;
beforeAll(async () => {
  before = await openSecrets({ DHEERA_AI_SALT_KEY: oldKey });
  during = await openSecrets({ DHEERA_AI_SALT_KEY: newKey, DHEERA_AI_PREVIOUS_SALT_KEYS: oldKey });
  after = await openSecrets({ DHEERA_AI_SALT_KEY: newKey });
});

describeOnEachDatabase("reencryptSecrets", ({ createDatabase }) => {
  it("encrypts every secret with the current key, so that the previous one can be forgotten", async () => {
    await using database = await databaseWithSecrets(await createDatabase());
    const { db } = database;
    expect(await reencryptSecrets(db, during)).toEqual({ reencrypted: 5, current: 0, failures: [] });
    const { params } = await db.selectFrom("dheera_models").select("params").executeTakeFirstOrThrow();
    const { model, api_key, headers, max_retries } = JSON.parse(params);
    expect([model, max_retries]).toEqual(["cohere/x", 2]);
    expect(after.decrypt(api_key, placeInModel("m", "api_key"))).toBe("key");
    expect(after.decrypt(headers["x-more"], placeInModel("m", "headers.x-more"))).toBe("more");
    const { secret, url, previous_secret } = await db
      .selectFrom("dheera_webhooks")
      .selectAll()
      .executeTakeFirstOrThrow();
    expect(after.decrypt(secret ?? "", placeOfWebhook("w"))).toBe("whsec");
    expect(after.decrypt(previous_secret ?? "", placeOfWebhook("w"))).toBe("whsec of before");
    expect(after.decrypt(url, placeOfWebhook("w", "url"))).toBe("https://hooks.example");
    expect(await reencryptSecrets(db, after)).toEqual({ reencrypted: 0, current: 5, failures: [] });
  });

  it("says which secrets stay as they are, and goes on with the others", async () => {
    await using database = await databaseWithSecrets(await createDatabase());
    const { db } = database;
    await db
      .updateTable("dheera_webhooks")
      .set({ secret: before.encrypt("whsec", "elsewhere") })
      .execute();
    const found = await reencryptSecrets(db, during);
    expect(found).toEqual({
      reencrypted: 4,
      current: 0,
      failures: [expect.stringMatching(/^dheera_webhooks\/w\/secret was changed/)],
    });
    const unknown = await reencryptSecrets(db, await openSecrets({ DHEERA_AI_SALT_KEY: "a-third-salt-key-of-ours" }));
    expect([unknown.reencrypted, unknown.failures.length]).toEqual([0, 5]);
    await expect(reencryptSecrets(db, await openSecrets({ DHEERA_AI_PREVIOUS_SALT_KEYS: newKey }))).rejects.toThrow(
      "DHEERA_AI_SALT_KEY",
    );
  });

  it("looks again at a row that somebody changes meanwhile, and loses nothing of it", async () => {
    await using database = await databaseWithSecrets(await createDatabase());
    const { db } = database;
    let changes = 0;
    const meddling: Secrets = {
      ...during,
      keyId: during.keyId,
      encrypt(text, place) {
        // Another process writes between our reading and our writing.
        if (place.endsWith("api_key") && changes++ === 0) written = write(db, "changed");
        return during.encrypt(text, place);
      },
    };
    let written: Promise<unknown> | undefined;
    const slow = db.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        await written;
        return result;
      },
    });
    await reencryptSecrets(slow, meddling);
    await written;
    const { params } = await db.selectFrom("dheera_models").select("params").executeTakeFirstOrThrow();
    const { api_key } = JSON.parse(params);
    expect(keyIdOf(api_key)).toBe(during.keyId);
    expect(after.decrypt(api_key, placeInModel("m", "api_key"))).toBe("changed");
  });
});

async function databaseWithSecrets(url: string): Promise<AsyncDisposable & { readonly db: Kysely<Tables> }> {
  const database = await openDatabase(url);
  await migrate(database);
  const { db } = database;
  const times = { created_at: 1, created_by: "master", updated_at: 1, updated_by: "master" };
  await db
    .insertInto("dheera_models")
    .values({ model_id: "m", model_name: "m", params: "{}", info: "{}", blocked: 0, ...times })
    .execute();
  await write(db, "key");
  await db
    .insertInto("dheera_webhooks")
    .values({
      ...webhooks.empty("w", "master", 1),
      url: before.encrypt("https://hooks.example", placeOfWebhook("w", "url")),
      secret: before.encrypt("whsec", placeOfWebhook("w")),
      previous_secret: before.encrypt("whsec of before", placeOfWebhook("w")),
    })
    .execute();
  return { db, [Symbol.asyncDispose]: () => database.close() };
}

function write(db: Kysely<Tables>, key: string): Promise<unknown> {
  const params = {
    model: "cohere/x",
    api_key: before.encrypt(key, placeInModel("m", "api_key")),
    headers: { "x-more": before.encrypt("more", placeInModel("m", "headers.x-more")) },
    max_retries: 2,
  };
  return db
    .updateTable("dheera_models")
    .set({ params: JSON.stringify(params) })
    .where("model_id", "=", "m")
    .execute();
}
