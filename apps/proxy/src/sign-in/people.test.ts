import { DheeraError } from "@dheera-ai/core";
import { type Teams, hashOfKey } from "@dheera-ai/teams";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Caller, callerOfGrant, callerOfKey } from "../access/caller.ts";
import { type KeyHolder, createPeople } from "./people.ts";
import { masterPerson } from "./person.ts";
import { forgeryHeader, forgeryToken } from "./sessions/check-forgery.ts";
import { type Databases, databaseKinds, optionsOf, startDatabases } from "./testing/databases.ts";

const masterKey = "sk-master-of-this-test";
const master: KeyHolder = { name: "master", isMaster: true };
const settings = { ui_session_duration: 3_600 };
const tester = { name: "tester" };

for (const kind of databaseKinds)
  describe(`people who are signed in, with ${kind}`, optionsOf(kind), () => {
    let databases: Databases;
    beforeAll(async () => {
      databases = await startDatabases(kind);
    });
    afterAll(() => databases[Symbol.asyncDispose]());

    it("are known by a random cookie, of which the database has the hash alone", async () => {
      const { people, database } = await start();
      const { cookie, person } = await people.signIn(master, masterKey, request());
      expect(person).toEqual(masterPerson);
      expect(await people.signedIn(request(cookie))).toMatchObject({ person: masterPerson, cookie });
      const rows = await database.db.selectFrom("dheera_sessions").selectAll().execute();
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain(cookie);
      expect(JSON.stringify(rows)).not.toContain(masterKey);
      const audit = await database.db.selectFrom("dheera_audit").selectAll().execute();
      expect(audit).toMatchObject([{ actor: "master", action: "signed_in" }]);
    });

    it("are nobody with a forged, an ended and an expired cookie", async () => {
      let now = 1_000_000;
      const { people } = await start({ now: () => now });
      const { cookie } = await people.signIn(master, masterKey, request());
      for (const forged of ["", "x", "a".repeat(43), "ab".repeat(32), "a".repeat(100_000), "' or 1=1 --", "%00"])
        expect(await people.signedIn(request(forged))).toBeUndefined();
      now += 3_599_999;
      expect(await people.signedIn(request(cookie))).toBeDefined();
      now += 1;
      expect(await people.signedIn(request(cookie))).toBeUndefined();
      now -= 1;
      await people.sessions?.end(cookie);
      expect(await people.signedIn(request(cookie))).toBeUndefined();
    });

    it("leave no expired sessions behind", async () => {
      let now = 1_000_000;
      const { people, database } = await start({ now: () => now });
      await people.signIn(master, masterKey, request());
      now += 3_600_000;
      await people.signIn(master, masterKey, request());
      expect(await database.db.selectFrom("dheera_sessions").selectAll().execute()).toHaveLength(1);
    });

    it("get a new cookie when they sign in, whatever cookie their browser was given before", async () => {
      const { people } = await start();
      const planted = await people.signIn(master, masterKey, request());
      const own = await people.signIn(master, masterKey, request(planted.cookie));
      expect(own.cookie).not.toBe(planted.cookie);
      expect(await people.signedIn(request(planted.cookie))).toBeUndefined();
      const invented = "a".repeat(43);
      expect((await people.signIn(master, masterKey, request(invented))).cookie).not.toBe(invented);
      expect(await people.signedIn(request(invented))).toBeUndefined();
    });

    it("are signed out when the master key is replaced", async () => {
      const { people, teams } = await start();
      const { cookie } = await people.signIn(master, masterKey, request());
      const after = createPeople({ settings, teams, masterKey: "sk-master-of-another-day" });
      expect(await after.signedIn(request(cookie))).toBeUndefined();
      const without = createPeople({ settings, teams, masterKey: undefined });
      expect(await without.signedIn(request(cookie))).toBeUndefined();
    });

    it("are the user of their key, for as long as the key is good", async () => {
      const { people, teams } = await start();
      const { users, members, keys } = teams.stores;
      await users.create(tester, { user_id: "ada", user_role: "proxy_admin_viewer" });
      await teams.stores.teams.create(tester, { team_id: "research" });
      await members.set(tester, "research", "ada", { role: "admin" });
      const { key, row } = await keys.create(tester, { key_alias: "ci", user_id: "ada" });
      const holder = await holderOf(teams, key);
      const { cookie, person } = await people.signIn(holder, key, request());
      const ada = {
        userId: "ada",
        name: "ada",
        role: "proxy_admin_viewer",
        teams: [{ teamId: "research", role: "admin" }],
        keyHash: row.key_id,
      };
      expect(person).toEqual(ada);
      const now = async () => (await people.signedIn(request(cookie)))?.person;
      expect(await now()).toEqual(ada);
      await keys.block(tester, row.key_hash, true);
      expect(await now()).toBeUndefined();
      await keys.block(tester, row.key_hash, false);
      expect(await now()).toEqual(ada);
      await keys.update(tester, row.key_hash, { expires: 1 });
      expect(await now()).toBeUndefined();
      await keys.update(tester, row.key_hash, { expires: Date.now() + 600_000 });
      expect(await now()).toEqual(ada);
      await users.update(tester, "ada", { blocked: 1 });
      expect(await now()).toBeUndefined();
      await expect(people.identify(request(), () => holder)).rejects.toMatchObject({ code: "forbidden" });
      await users.update(tester, "ada", { blocked: 0 });
      await keys.rotate(tester, row.key_hash, 0);
      expect(await now()).toBeUndefined();
    });

    it("see the usage of their key alone where it belongs to no user", async () => {
      const { people, teams } = await start();
      await teams.stores.teams.create(tester, { team_id: "research" });
      const { key, row } = await teams.stores.keys.create(tester, { key_alias: "ci", team_id: "research" });
      const { person } = await people.signIn(await holderOf(teams, key), key, request());
      expect(person).toEqual({
        name: "ci",
        role: "internal_user_viewer",
        teams: [{ teamId: "research", role: "user" }],
        keyHash: row.key_id,
      });
    });

    it("are not the user of a key for a team, unless the operator or an issuer says so", async () => {
      const { people, teams } = await start();
      await teams.stores.users.create(tester, { user_id: "ada", user_role: "proxy_admin" });
      await teams.stores.teams.create(tester, { team_id: "research" });
      const values = { key_alias: "ci", user_id: "ada", team_id: "research" };
      const { key, row } = await teams.stores.keys.create(tester, values);
      const holder = await holderOf(teams, key);
      const service = {
        name: "ci",
        role: "internal_user_viewer",
        teams: [{ teamId: "research", role: "user" }],
        keyHash: row.key_id,
      };
      const { cookie, person } = await people.signIn(holder, key, request());
      expect(person).toEqual(service);
      expect((await people.signedIn(request(cookie)))?.person).toEqual(service);
      expect(await people.identify(request(), () => holder)).toEqual(service);
      const ofFile = callerOfKey({ name: "ci", key: "sha256:ab" }, holder.owners.slice(1));
      expect(await people.identify(request(), () => ofFile)).toMatchObject({ userId: "ada", role: "proxy_admin" });
    });

    it("do not get a session of the master key for a token that is as good for some minutes", async () => {
      const { people, database } = await start();
      const ofToken: KeyHolder = { name: "jwt admin", isMaster: true };
      for (const token of ["ey.of.an-issuer", `${masterKey}.`, ""])
        await expect(people.signIn(ofToken, token, request())).rejects.toMatchObject({ code: "forbidden" });
      expect(await database.db.selectFrom("dheera_sessions").selectAll().execute()).toEqual([]);
      expect(await people.identify(request(), () => ofToken)).toMatchObject({ role: "proxy_admin" });
    });

    it("do not sign in with a key of the configuration file", async () => {
      const { people } = await start();
      const fromFile = { name: "frontend", isMaster: false };
      await expect(people.signIn(fromFile, "sk-of-the-file", request())).rejects.toMatchObject({ code: "forbidden" });
    });

    it("are signed out when their user is deleted", async () => {
      const { people, teams, database } = await start();
      await teams.stores.users.create(tester, { user_id: "ada" });
      const session = await people.sessions?.create({ kind: "user", userId: "ada" }, "ada");
      expect((await people.signedIn(request(session?.cookie)))?.person).toMatchObject({ userId: "ada" });
      await database.db.deleteFrom("dheera_users").execute();
      expect(await people.signedIn(request(session?.cookie))).toBeUndefined();
    });

    it("keep what the provider said of them where the database cannot read it", async () => {
      const { people, teams, database } = await start();
      await teams.stores.users.create(tester, { user_id: "ada" });
      const idToken = "eyJ.of.ada";
      const session = await people.sessions?.create({ kind: "user", userId: "ada" }, "ada", { idToken });
      expect((await people.sessions?.find(session?.cookie ?? ""))?.idToken).toBe(idToken);
      const rows = await database.db.selectFrom("dheera_sessions").selectAll().execute();
      expect(JSON.stringify(rows)).not.toContain(idToken);
      await database.db
        .updateTable("dheera_sessions")
        .set({ id_token: "AAAA".repeat(20) })
        .execute();
      expect((await people.sessions?.find(session?.cookie ?? ""))?.idToken).toBeUndefined();
    });

    it("change something only from a page of this proxy, with the token of their session", async () => {
      const { people } = await start();
      const { cookie } = await people.signIn(master, masterKey, request());
      const right = { [forgeryHeader]: forgeryToken(cookie), origin: "http://proxy.example" };
      const post = (headers: Record<string, string>, method = "POST") =>
        people.identify(request(cookie, { method, headers }), noKey);
      expect(await post(right)).toEqual(masterPerson);
      expect(await post({ ...right, "sec-fetch-site": "same-origin" })).toEqual(masterPerson);
      expect(await post({}, "GET")).toEqual(masterPerson);
      const { cookie: ofAnother } = await people.signIn(master, masterKey, request());
      const wrongs: Record<string, string>[] = [
        {},
        { [forgeryHeader]: "" },
        { [forgeryHeader]: forgeryToken(ofAnother) },
        { [forgeryHeader]: cookie },
        { ...right, origin: "https://evil.example" },
        { ...right, origin: "http://proxy.example.evil.example" },
        { ...right, origin: "null" },
        { ...right, "sec-fetch-site": "cross-site" },
        { ...right, "sec-fetch-site": "same-site" },
      ];
      for (const wrong of wrongs)
        for (const method of ["POST", "DELETE", "PUT", "PATCH"])
          await expect(post(wrong, method), JSON.stringify(wrong)).rejects.toMatchObject({ code: "forbidden" });
    });

    it("are told what the key was refused for where they have no session", async () => {
      const { people } = await start();
      await expect(people.identify(request("a".repeat(43)), noKey)).rejects.toMatchObject({
        message: "a key is needed",
      });
      const forbidden = () => Promise.reject(new DheeraError("forbidden", "the key has expired"));
      const { cookie } = await people.signIn(master, masterKey, request());
      await expect(people.identify(request(cookie), forbidden)).rejects.toMatchObject({
        message: "the key has expired",
      });
    });

    it("are asked for a cookie that only this host can have set, where they come by HTTPS", async () => {
      const { people } = await start({ proxy_base_url: "https://proxy.example" });
      const { cookie } = await people.signIn(master, masterKey, request());
      expect(await people.signedIn(request(cookie))).toBeUndefined();
      const named = request(undefined, { headers: { cookie: `__Host-dheera-session=${cookie}` } });
      expect(await people.signedIn(named)).toBeDefined();
      const twice = `__Host-dheera-session=${cookie}; __Host-dheera-session=${cookie}`;
      expect(await people.signedIn(request(undefined, { headers: { cookie: twice } }))).toBeUndefined();
    });

    async function start({ now = Date.now, ...more }: StartOptions = {}) {
      const teams = await databases.open();
      const people = createPeople({ settings: { ...settings, ...more }, teams, masterKey, now });
      return { people, teams, database: teams.database };
    }
  });

it("nobody is signed in without a database", async () => {
  const people = createPeople({ settings, masterKey });
  expect(await people.signedIn(request("a".repeat(43)))).toBeUndefined();
  expect(await people.identify(request(), () => master)).toEqual(masterPerson);
  await expect(people.signIn(master, masterKey, request())).rejects.toThrow("general_settings.database_url");
});

interface StartOptions {
  readonly now?: () => number;
  readonly proxy_base_url?: string;
}

async function holderOf({ grants }: Teams, key: string): Promise<Caller> {
  const grant = await grants.find(hashOfKey(key));
  if (!grant) throw new Error("there is no such key");
  return callerOfGrant(grant);
}

function request(cookie?: string, init: { method?: string; headers?: Record<string, string> } = {}): Request {
  const headers = new Headers({ host: "proxy.example", ...init.headers });
  if (cookie !== undefined && !headers.has("cookie")) headers.set("cookie", `other=1; dheera-session=${cookie}`);
  return new Request("http://proxy.example/key/generate", { method: init.method ?? "GET", headers });
}

function noKey(): never {
  throw new DheeraError("unauthenticated", "a key is needed");
}
