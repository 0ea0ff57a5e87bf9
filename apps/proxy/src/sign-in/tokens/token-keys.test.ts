import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";

import { type Teams, openTeams } from "@dheera-ai/teams";
import {
  type CryptoKey,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
  exportJWK,
  exportSPKI,
  generateKeyPair,
} from "jose";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { type DatabaseKeys, databaseKeys } from "../../access/database-keys.ts";
import type { JwtSettings } from "../../config/config.ts";
import { memoryLog } from "../../fixtures/memory-log.ts";
import { startProxy } from "../../fixtures/start-proxy.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { withTokens } from "./token-keys.ts";

const tester = { name: "tester" };

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer[Symbol.asyncDispose]());

describe("a token of a service", () => {
  it("is a key of its team, whose limits hold, for as long as it is valid", async () => {
    let now = Date.now();
    await using started = await start({}, { now: () => now });
    const token = await issuer.sign({ team: "research", exp: Math.floor(now / 1_000) + 60 });
    const caller = await started.keys.find(token);
    expect(caller).toMatchObject({ name: "jwt research", isMaster: false, key: { models: ["words"] } });
    expect(caller?.owners.map(({ kind }) => kind)).toEqual(["key", "team"]);
    expect(caller?.owners[0]?.id).toMatch(/^[0-9a-f]{64}$/);
    now += 89_000;
    expect(await started.keys.find(token)).toMatchObject({ name: "jwt research" });
    now += 2_000;
    await expect(started.keys.find(token)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("is verified once, and its keys are fetched once", async () => {
    await using started = await start();
    const token = await issuer.sign({ team: "research" });
    const before = issuer.asked.length;
    const found = await Promise.all([started.keys.find(token), started.keys.find(token), started.keys.find(token)]);
    // What is known is answered at once, with the same caller.
    const again = started.keys.find(token);
    expect(again).not.toBeInstanceOf(Promise);
    expect(again).toBe(started.keys.find(token));
    expect(found[0]?.id).toBe(found[2]?.id);
    await started.keys.find(await issuer.sign({ team: "research", sub: "another" }));
    expect(issuer.asked.slice(before)).toEqual(["/.well-known/openid-configuration", "/jwks"]);
  });

  it("counts as its holder, whatever token they come with", async () => {
    await using started = await start();
    const ids = new Set<string | undefined>();
    for (const jti of ["1", "2"]) ids.add((await started.keys.find(await issuer.sign({ team: "research", jti })))?.id);
    expect(ids.size).toBe(1);
    const other = await started.keys.find(await issuer.sign({ team: "research", sub: "another" }));
    expect(ids).not.toContain(other?.id);
  });

  it("is refused from the moment its team is blocked", async () => {
    await using started = await start();
    const token = await issuer.sign({ team: "research" });
    await started.keys.find(token);
    await started.teams.stores.teams.update(tester, "research", { blocked: 1 });
    await expect(Promise.resolve(started.keys.find(token))).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("the team research is blocked"),
    });
  });

  it("belongs to a user, to the team that counts without one, or to nobody", async () => {
    await using started = await start({
      team_id_jwt_field: "org.team",
      user_id_jwt_field: "sub",
    });
    await started.teams.stores.users.create(tester, { user_id: "ada" });
    const both = await started.keys.find(await issuer.sign({ sub: "ada", org: { team: "research" } }));
    expect(both?.owners.map(({ kind, id }) => `${kind} ${id}`).slice(1)).toEqual(["user ada", "team research"]);
    // The limits of a member hold for their tokens too, from the moment they are one.
    await started.teams.stores.members.set(tester, "research", "ada", { rpm_limit: 2 });
    const asMember = await started.keys.find(await issuer.sign({ sub: "ada", org: { team: "research" } }));
    expect(asMember?.owners.slice(1)).toMatchObject([
      { kind: "member", id: "research/ada", limits: { rpm: 2 } },
      { kind: "user" },
      { kind: "team" },
    ]);
    for (const claims of [{ sub: "bob" }, { sub: "ada", org: { team: "nobody" } }])
      await expect(started.keys.find(await issuer.sign(claims))).rejects.toMatchObject({ code: "forbidden" });
    await using byDefault = await start({ team_id_default: "research" });
    expect(await byDefault.keys.find(await issuer.sign({ team: undefined }))).toMatchObject({ name: "jwt research" });
    await using without = await start();
    await expect(without.keys.find(await issuer.sign({ team: undefined }))).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("team"),
    });
  });

  it("belongs to the first team that exists of those that it lists", async () => {
    await using started = await start({ team_id_jwt_field: "team", team_ids_jwt_field: "groups" });
    await started.teams.stores.teams.create(tester, { team_id: "shop" });
    for (const [claims, team] of [
      [{ groups: ["nobody", "shop", "research"] }, "shop"],
      [{ groups: "research" }, "research"],
      [{ groups: ["shop"], team: "research" }, "research"],
    ] as const)
      expect(await started.keys.find(await issuer.sign({ team: undefined, ...claims }))).toMatchObject({
        name: `jwt ${team}`,
      });
    for (const groups of [["nobody"], [], [7], undefined])
      await expect(started.keys.find(await issuer.sign({ team: undefined, groups, sub: "x" }))).rejects.toMatchObject({
        code: "forbidden",
        message: expect.stringContaining("team"),
      });
    await using byDefault = await start({ team_ids_jwt_field: "groups", team_id_default: "research" });
    for (const groups of [["nobody"], undefined])
      expect(await byDefault.keys.find(await issuer.sign({ team: undefined, groups }))).toMatchObject({
        name: "jwt research",
      });
  });

  it("is refused where an id in it cannot be one, and nobody else with it", async () => {
    await using started = await start({
      user_id_jwt_field: "user",
      team_ids_jwt_field: "groups",
      team_id_default: "research",
      team_id_jwt_field: "team",
    });
    await started.teams.stores.users.create(tester, { user_id: "ada" });
    for (const odd of ["a\0", "\0", "x".repeat(257), "\ud800"])
      for (const claims of [{ user: odd }, { team: odd }]) {
        const error: unknown = await Promise.resolve(started.keys.find(await issuer.sign(claims))).catch(
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject({ code: "unauthenticated" });
        expect(String(error)).toContain(`general_settings.jwt_auth.${Object.keys(claims)[0]}_id_jwt_field`);
        expect(String(error)).not.toContain(odd);
      }
    expect(await started.keys.find(await issuer.sign({ groups: ["a\0"], user: "ada" }))).toMatchObject({
      name: "jwt research",
    });
  });

  it("needs the scopes that the configuration names, and does everything with one alone", async () => {
    await using started = await start({ required_scopes: ["rerank"], admin_jwt_scope: "rerank_admin" });
    for (const scopes of [{}, { scope: "rerank2" }, { scope: "RERANK" }, { scp: [1, "other"] }])
      await expect(started.keys.find(await issuer.sign({ team: "research", ...scopes }))).rejects.toMatchObject({
        code: "forbidden",
        message: expect.stringContaining("rerank"),
      });
    for (const scopes of [{ scope: "a rerank b" }, { scp: ["rerank"] }, { scp: "rerank" }])
      expect(await started.keys.find(await issuer.sign({ team: "research", ...scopes }))).toMatchObject({
        isMaster: false,
      });
    expect(await started.keys.find(await issuer.sign({ scope: "rerank rerank_admin" }))).toMatchObject({
      isMaster: true,
    });
    await using without = await start();
    expect(
      await without.keys.find(await issuer.sign({ team: "research", scope: "litellm_proxy_admin rerank_admin" })),
    ).toMatchObject({ isMaster: false });
  });
});

describe("a token that is forged", () => {
  it("is refused, and asks nobody where anybody can see it", async () => {
    await using started = await start();
    await started.keys.find(await issuer.sign({ team: "research" }));
    const before = issuer.asked.length;
    const seconds = Math.floor(Date.now() / 1_000);
    const good = await issuer.sign({ team: "research" });
    const [header = "", payload = "", signature = ""] = good.split(".");
    const asJson = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const publicText = await exportSPKI(issuer.publicKey);
    const hostile: Record<string, string> = {
      "another issuer": await issuer.sign({ team: "research", iss: "https://evil.example" }),
      "an issuer that begins alike": await issuer.sign({ team: "research", iss: `${issuer.url}/` }),
      "another audience": await issuer.sign({ team: "research", aud: "other" }),
      "no audience": await issuer.sign({ team: "research", aud: undefined }),
      expired: await issuer.sign({ team: "research", exp: seconds - 31 }),
      "no expiry": await issuer.sign({ team: "research", exp: undefined }),
      "not yet valid": await issuer.sign({ team: "research", nbf: seconds + 60 }),
      "no subject": await issuer.sign({ team: "research", sub: undefined }),
      "no signature": new UnsecuredJWT({
        team: "research",
        sub: "s",
        aud: "rerank",
        iss: issuer.url,
        exp: seconds + 60,
      }).encode(),
      "alg none with a signature": `${asJson({ alg: "none" })}.${payload}.${signature}`,
      "alg None": `${asJson({ alg: "None", kid: "first" })}.${payload}.${signature}`,
      "the public key as a secret": await new SignJWT({ team: "research" })
        .setProtectedHeader({ alg: "HS256", kid: "first" })
        .setIssuer(issuer.url)
        .setAudience("rerank")
        .setSubject("s")
        .setExpirationTime("1h")
        .sign(new TextEncoder().encode(publicText)),
      "another claim": `${header}.${asJson({ team: "admins", sub: "s", aud: "rerank", iss: issuer.url, exp: seconds + 60 })}.${signature}`,
      "another key under the same name": await issuer.sign({ team: "research" }, { key: issuer.foreignKey }),
      "a key that it brings itself": await issuer.sign(
        { team: "research" },
        { key: issuer.foreignKey, header: { jwk: issuer.foreignJwk, kid: undefined } },
      ),
      "a cut signature": good.slice(0, -4),
      "a kid that is a path": await issuer.sign({ team: "research" }, { header: { kid: "../../etc/passwd" } }),
      "a long kid": await issuer.sign({ team: "research" }, { header: { kid: "k".repeat(1_000) } }),
      "an unknown critical header": await issuer.sign({ team: "research" }, { header: { crit: ["x"], x: 1 } }),
      rubbish: "eyJ.eyJ.x",
    };
    for (const [name, token] of Object.entries(hostile)) {
      const error: unknown = await Promise.resolve(started.keys.find(token)).catch((reason: unknown) => reason);
      expect(error, name).toMatchObject({ code: "unauthenticated" });
      expect(String(error)).not.toContain(payload);
    }
    expect(issuer.asked.length - before).toBeLessThanOrEqual(1);
  });

  it("with an invented kid asks the issuer once in thirty seconds, however many there are", async () => {
    await using started = await start();
    await started.keys.find(await issuer.sign({ team: "research" }));
    const before = issuer.asked.length;
    for (let number = 0; number < 50; number++)
      await expect(
        started.keys.find(await issuer.sign({ team: "research" }, { header: { kid: `k${number}` } })),
      ).rejects.toMatchObject({ code: "unauthenticated" });
    expect(issuer.asked.length - before).toBeLessThanOrEqual(1);
  });

  it("is no token but a key where it does not look like one", async () => {
    await using started = await start();
    for (const given of ["sk-1234567890123456", "ey", "eyJ", "a.b.c", `ey.${"a".repeat(20_000)}.b`, "ey.é.b"])
      expect(await started.keys.find(given)).toBeUndefined();
  });
});

it("a token is refused for now while the issuer's keys cannot be had, and nobody asks at each request", async () => {
  await using broken = await startIssuer();
  await using started = await start({}, {}, broken);
  broken.isBroken = true;
  const token = await broken.sign({ team: "research" });
  for (let number = 0; number < 5; number++)
    await expect(started.keys.find(token)).rejects.toMatchObject({ code: "unavailable" });
  expect(broken.asked).toHaveLength(1);
});

it("ranks for a service that comes with its token, and books what it spends to its team", async () => {
  await using folder = await temporaryFolder();
  const database_url = `sqlite:${join(folder.path, "teams.db")}`;
  await using proxy = await startProxy({
    yaml: `
model_list: [{ model_name: words, dheera_ai_params: { model: bm25/default } }]
general_settings:
  master_key: sk-master-of-this-test
  database_url: "${database_url}"
  enable_jwt_auth: true
  litellm_jwtauth: { issuer: "${issuer.url}", audience: rerank, team_id_jwt_field: team }
`,
  });
  const token = await issuer.sign({ team: "research" });
  const ask = (given: string) =>
    proxy.post(
      "/rerank",
      { model: "words", query: "a", documents: ["a b", "c"] },
      { authorization: `Bearer ${given}` },
    );
  const refused = await ask(token);
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain("a team that does not exist here");
  const teams = await openTeams({ database_url, spend_journal: "" }, { log: memoryLog(), version: "1.0.0" });
  onTestFinished(() => teams.close());
  await teams.stores.teams.create(tester, { team_id: "research" });
  await expect.poll(async () => (await ask(token)).status).toBe(200);
  const booked = () => teams.database.db.selectFrom("dheera_spend_logs").select(["team_id", "key_name"]).execute();
  await expect.poll(booked).toEqual([{ team_id: "research", key_name: "jwt research" }]);
  expect((await ask(`${token}x`)).status).toBe(401);
  expect((await ask("sk-master-of-this-test")).status).toBe(200);
});

interface Started extends AsyncDisposable {
  readonly teams: Teams;
  readonly keys: DatabaseKeys;
}

async function start(
  more: Partial<JwtSettings> = {},
  options: { readonly now?: () => number } = {},
  from: Issuer = issuer,
): Promise<Started> {
  const teams = await openTeams({ database_url: "sqlite::memory:" }, { log: memoryLog(), version: "1.0.0" });
  await teams.stores.teams.create(tester, { team_id: "research", models: JSON.stringify(["words"]) });
  const settings: JwtSettings = {
    issuer: from.url,
    audience: ["rerank"],
    public_key_ttl: 600,
    ...(more.team_id_default === undefined && { team_id_jwt_field: "team" }),
    ...more,
  };
  const keys = withTokens(databaseKeys(teams), teams, settings, options);
  return { teams, keys, [Symbol.asyncDispose]: () => teams.close() };
}

/** A server with public keys, and tokens that are signed with theirs, well or badly. */
interface Issuer extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly string[];
  readonly publicKey: CryptoKey;
  readonly foreignKey: CryptoKey;
  readonly foreignJwk: JWK;
  isBroken: boolean;
  /** @param claims in place of good ones; undefined: left out */
  sign(claims: JWTPayload, how?: { readonly key?: CryptoKey; readonly header?: object }): Promise<string>;
}

async function startIssuer(): Promise<Issuer> {
  const own = await generateKeyPair("RS256");
  const foreign = await generateKeyPair("RS256");
  const jwk: JWK = { ...(await exportJWK(own.publicKey)), kid: "first", alg: "RS256", use: "sig" };
  const asked: string[] = [];
  const state = { isBroken: false };
  const server = createServer(({ url = "" }, response) => {
    asked.push(url);
    if (state.isBroken) response.writeHead(500).end();
    else
      response.end(
        JSON.stringify(url === "/jwks" ? { keys: [jwk] } : { issuer: address, jwks_uri: `${address}/jwks` }),
      );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : ""}`;
  return {
    url: address,
    asked,
    publicKey: own.publicKey,
    foreignKey: foreign.privateKey,
    foreignJwk: await exportJWK(foreign.publicKey),
    get isBroken() {
      return state.isBroken;
    },
    set isBroken(value) {
      state.isBroken = value;
    },
    sign(claims, { key = own.privateKey, header = {} } = {}) {
      const exp = Math.floor(Date.now() / 1_000) + 3_600;
      const payload = { iss: address, aud: "rerank", sub: "indexer", exp, ...claims };
      const given = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));
      return new SignJWT(given)
        .setProtectedHeader({ alg: "RS256", kid: "first", ...header })
        .sign(key, { crit: { x: true } });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
