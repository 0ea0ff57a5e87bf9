import { type Teams, openTeams } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { parseConfig } from "../config/parse-config.ts";
import { memoryLog } from "../fixtures/memory-log.ts";
import { type Access, type Caller, createAccess } from "./check-key.ts";
import { databaseKeys } from "./database-keys.ts";
import { ownerOf } from "./owner-of-batch.ts";

const peer = (): string => "10.1.2.3";

it("finds the callers of the configuration again by what they own, and nobody by a hash that a client sends", async () => {
  const access = accessOf("{ master_key: sk-master, keys: [{ name: search, key: os.environ/SEARCH, models: [a] }] }");
  const search = await access.identify(bearer("sk-search"), peer);
  expect(ownerOf(search)).toMatch(/^[0-9a-f]{64}$/);
  expect(await access.callerOf(ownerOf(search))).toMatchObject({ name: "search", key: { models: ["a"] } });
  // Once and again: what it costs is counted by the caller that it is.
  expect(await access.callerOf(ownerOf(search))).toBe(await access.callerOf(ownerOf(search)));
  const master = await access.identify(bearer("sk-master"), peer);
  expect(ownerOf(master)).toBe("");
  expect(await access.callerOf("")).toMatchObject({ isMaster: true });
  for (const sent of [ownerOf(search), `sha256:${ownerOf(search)}`])
    expect(() => access.identify(bearer(sent), peer)).toThrow("the key is not known");
});

it("refuses the owner whose key is no longer there, or has expired", () => {
  const before = accessOf("{ keys: [{ name: search, key: os.environ/SEARCH }] }");
  const caller = before.identify(bearer("sk-search"), peer);
  if (caller instanceof Promise) throw new Error("keys of the file are known at once");
  const owner = ownerOf(caller);
  expect(() => accessOf("{ master_key: sk-master }").callerOf(owner)).toThrow("no longer there");
  const expired = accessOf("{ keys: [{ name: search, key: os.environ/SEARCH, expires: '2020-01-01' }] }");
  expect(() => expired.callerOf(owner)).toThrow("has expired");
});

it("asks the database what its key may do now, and takes no hash for a key afterwards", async () => {
  await using teams = await openedTeams();
  const access = accessOf("{ master_key: sk-master }", teams);
  const { key, row } = await teams.stores.keys.create(tester, { key_alias: "search" });
  const owner = ownerOf(await access.identify(bearer(key), peer));
  expect(owner).toBe(row.key_hash);
  expect(await access.callerOf(owner)).toMatchObject({ name: "search", id: owner });
  await expect(access.identify(bearer(owner), peer)).rejects.toThrow("the key is not known");
  await teams.stores.keys.block(tester, owner, true);
  await expect(async () => access.callerOf(owner)).rejects.toThrow("is blocked");
  await teams.stores.keys.remove(tester, [owner]);
  await expect(async () => access.callerOf(owner)).rejects.toThrow("no longer there");
});

it("knows the owner of a key that was rotated, and still takes no hash for a key", async () => {
  await using teams = await openedTeams();
  const access = accessOf("{ master_key: sk-master }", teams);
  const first = await teams.stores.keys.create(tester, { key_alias: "search" });
  const owner = ownerOf(await access.identify(bearer(first.key), peer));
  let { key } = first;
  for (let turn = 0; turn < 2; turn++) {
    ({ key } = await teams.stores.keys.rotate(tester, owner, 0));
    expect(ownerOf(await access.identify(bearer(key), peer))).toBe(owner);
    expect(await access.callerOf(owner)).toMatchObject({ name: "search" });
  }
  for (const sent of [first.key, owner, `id:${owner}`])
    await expect(access.identify(bearer(sent), peer)).rejects.toThrow("the key is not known");
  await teams.stores.keys.block(tester, owner, true);
  await expect(async () => access.callerOf(owner)).rejects.toThrow("is blocked");
});

it("lets what a token made go on for its team and its user, as long as they are there", async () => {
  await using teams = await openedTeams();
  const access = accessOf("{ master_key: sk-master }", teams);
  await teams.stores.teams.create(tester, { team_id: "research", models: JSON.stringify(["words"]) });
  const key = { name: "jwt research", key: `sha256:${"a".repeat(64)}`, team_id: "research" };
  const caller: Caller = { ...(await databaseKeys(teams).complete(key)), id: "a".repeat(64), isOfToken: true };
  const owner = ownerOf(caller);
  expect(owner).toMatch(/^service-[\w-]+$/);
  expect(await access.callerOf(owner)).toMatchObject({ name: "jwt research", key: { models: ["words"] } });
  const other = ownerOf({ ...caller, owners: [{ kind: "team", id: "gone", name: "gone", limits: {} }] });
  await expect(async () => access.callerOf(other)).rejects.toThrow("the team of this batch is no longer there");
});

const tester = { name: "tester" };

async function openedTeams(): Promise<Teams & AsyncDisposable> {
  const teams = await openTeams({ database_url: "sqlite::memory:" }, { log: memoryLog(), version: "1.0.0" });
  return Object.assign(teams, { [Symbol.asyncDispose]: () => teams.close() });
}

function accessOf(settings: string, teams?: Teams): Access {
  const environment = { SEARCH: "sk-search" };
  const text = `model_list: [{ model_name: a, dheera_ai_params: { model: bm25/default } }]\ngeneral_settings: ${settings}`;
  const { config } = parseConfig(text, { file: "config.yaml", environment });
  return createAccess(config, environment, teams && databaseKeys(teams));
}

function bearer(key: string): Headers {
  return new Headers({ authorization: `Bearer ${key}` });
}
