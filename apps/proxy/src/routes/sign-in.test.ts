import { DheeraError } from "@dheera-ai/core";
import type { Teams } from "@dheera-ai/teams";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Access } from "../access/check-key.ts";
import { createApp } from "../app.ts";
import { parseConfig } from "../config/parse-config.ts";
import { memoryLog } from "../fixtures/memory-log.ts";
import { createGateway } from "../gateway/gateway.ts";
import { createPeople } from "../sign-in/people.ts";
import { Browser, type Page } from "../sign-in/testing/browser.ts";
import { type Databases, startDatabases } from "../sign-in/testing/databases.ts";
import { type OpenidServer, clientId, clientSecret, startOpenidServer } from "../sign-in/testing/openid-server.ts";

const base = "https://rerank.example";
const masterKey = "sk-master-of-this-test";
const sessionCookie = "__Host-dheera-session";
const tester = { name: "tester" };
const pendingCookie = "__Host-dheera-sign-in";

let databases: Databases;
let openid: OpenidServer;

beforeAll(async () => {
  databases = await startDatabases("sqlite");
  openid = await startOpenidServer({ redirectUri: `${base}/sso/callback`, afterSignOut: `${base}/ui` });
});
afterAll(async () => {
  await openid[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});
beforeEach(() => {
  openid.people.clear();
  openid.isBroken = false;
});

describe("signing in with a key", () => {
  it("opens a session, which says who is signed in and ends when they sign out", async () => {
    const { browser } = await start();
    expect(await session(browser)).toEqual({
      person: null,
      csrf_token: null,
      expires: null,
      sign_in: { key: true, sso: true },
    });
    const answer = await logIn(browser, { key: masterKey });
    expect(answer.status).toBe(200);
    const cookie = answer.headers.get("set-cookie");
    expect(cookie).toMatch(/^__Host-dheera-session=[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const { person, csrf_token: token } = await session(browser);
    expect(person).toMatchObject({ name: "master", role: "proxy_admin" });
    expect((await signOut(browser)).status).toBe(403);
    expect((await signOut(browser, { "x-dheera-csrf": token })).status).toBe(200);
    expect(browser.cookies.get("rerank.example")?.size).toBe(0);
    expect((await session(browser)).person).toBeNull();
  });

  it("takes the master key as a password, as LiteLLM's page sends it", async () => {
    const { browser } = await start();
    expect((await logIn(browser, { username: "admin", password: masterKey })).status).toBe(200);
  });

  it("refuses wrong keys, and bodies that hold none, without a cookie", async () => {
    const { browser } = await start();
    for (const body of [{ key: "sk-wrong" }, { key: "" }, { key: 1 }, {}, [], "x", null, { key: "é\n" }]) {
      const answer = await logIn(browser, body);
      expect([400, 401], JSON.stringify(body)).toContain(answer.status);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
  });

  it("refuses a page of another site, which would have its user act as somebody else", async () => {
    const { browser } = await start();
    for (const headers of [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: "https://blog.rerank.example" },
    ]) {
      const answer = await logIn(browser, { key: masterKey }, headers as Record<string, string>);
      expect(answer.status).toBe(403);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    const own = { origin: base, "sec-fetch-site": "same-origin" };
    expect((await logIn(browser, { key: masterKey }, own)).status).toBe(200);
  });

  it("lets an address try ten wrong keys a minute, and others go on", async () => {
    let address = "203.0.113.9";
    const { browser } = await start({ peer: () => address });
    for (let attempt = 0; attempt < 10; attempt++) expect((await logIn(browser, { key: "sk-wrong" })).status).toBe(401);
    const refused = await logIn(browser, { key: "sk-wrong" });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    address = "203.0.113.10";
    expect((await logIn(browser, { key: "sk-wrong" })).status).toBe(401);
  });

  it("lets in who is right, however often others failed from behind the same ingress", async () => {
    const { browser } = await start();
    for (let attempt = 0; attempt < 10; attempt++) await logIn(browser, { key: "sk-wrong" });
    expect((await browser.visit(`${base}/sso/callback?code=x&state=x`)).status).toBe(429);
    expect((await logIn(browser, { key: masterKey })).status).toBe(200);
    expect((await signIn(browser.another(), "ada")).address).toBe(`${base}/ui`);
  });

  it("counts nothing as an attempt while the database cannot be asked", async () => {
    let isAway = true;
    const { browser } = await start({ identifyFails: () => isAway });
    for (let attempt = 0; attempt < 11; attempt++) expect((await logIn(browser, { key: "sk-wrong" })).status).toBe(503);
    isAway = false;
    expect((await logIn(browser, { key: "sk-wrong" })).status).toBe(401);
  });

  it("lets in nobody from an address that may not connect", async () => {
    const { browser } = await start({ more: "allowed_ips: [10.0.0.0/8]" });
    expect((await logIn(browser, { key: masterKey })).status).toBe(403);
    expect((await browser.ask(`${base}/sso/login`)).status).toBe(403);
  });
});

describe("signing in at an OpenID provider", () => {
  it("makes a user at the first time, knows them again, and leads to the page that was asked for", async () => {
    openid.people.set("ada", { email: "Ada@Example.com", email_verified: true, name: "Ada Lovelace" });
    const { browser, users } = await start();
    const page = await signIn(browser, "ada", "/ui/keys?team=a#first");
    expect(page.address).toBe(`${base}/ui/keys?team=a#first`);
    expect(await users()).toMatchObject([
      {
        sso_user_id: `${openid.issuer}|ada`,
        user_email: "ada@example.com",
        user_alias: "Ada Lovelace",
        user_role: "internal_user_viewer",
      },
    ]);
    const { person } = await session(browser);
    expect(person).toMatchObject({ role: "internal_user_viewer", teams: [] });
    expect(browser.cookies.get("rerank.example")?.has(pendingCookie)).toBe(false);
    await signIn(browser.another(), "ada");
    expect(await users()).toHaveLength(1);
  });

  it("asks by PKCE, state and nonce, each new", async () => {
    const { browser } = await start();
    const asked = async (): Promise<URLSearchParams> => {
      const answer = await browser.ask(`${base}/sso/key/generate`);
      expect(answer.status).toBe(302);
      return new URL(answer.headers.get("location") ?? "").searchParams;
    };
    const [first, second] = [await asked(), await asked()];
    expect(Object.fromEntries(first)).toMatchObject({
      client_id: clientId,
      redirect_uri: `${base}/sso/callback`,
      response_type: "code",
      code_challenge_method: "S256",
      scope: "openid email profile groups",
    });
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(first.get(name)?.length).toBeGreaterThanOrEqual(43);
      expect(first.get(name)).not.toBe(second.get(name));
    }
  });

  it("makes one user of somebody who signs in twice at one time", async () => {
    const { browser, users } = await start();
    const tabs = [browser.another(), browser.another(), browser.another()];
    const answers: string[] = [];
    for (const tab of tabs) answers.push(await untilAnswer(tab, "ada"));
    const pages = await Promise.all(tabs.map((tab, index) => tab.visit(answers[index] ?? "")));
    expect(pages.map(({ address }) => address)).toEqual(tabs.map(() => `${base}/ui`));
    expect(await users()).toHaveLength(1);
  });

  it("gives roles by groups at each sign-in", async () => {
    const { browser, users } = await start({
      sso: "role_mappings: { default_role: internal_user_viewer, roles: { proxy_admin: [admins], internal_user: [staff] } }",
    });
    const roles: unknown[] = [];
    for (const groups of [["staff", "admins"], ["staff"], [], "admins", [{ admins: 1 }], undefined]) {
      openid.people.set("ada", { groups });
      await signIn(browser.another(), "ada");
      roles.push((await users())[0]?.user_role);
    }
    expect(roles).toEqual([
      "proxy_admin",
      "internal_user",
      "internal_user_viewer",
      "proxy_admin",
      "internal_user_viewer",
      "internal_user_viewer",
    ]);
  });

  it("makes people members of the teams that a claim lists, as far as they exist, and keeps what an administrator gave", async () => {
    const { browser, teams } = await start({ sso: "team_ids_jwt_field: groups" });
    const { stores } = teams;
    for (const team_id of ["search", "shop", "mail"]) await stores.teams.create(tester, { team_id });
    const members = async (): Promise<readonly string[]> =>
      (await stores.members.ofUser(await onlyUser(teams))).map(({ team_id, role }) => `${team_id} ${role}`).toSorted();
    openid.people.set("ada", { groups: ["search", "of another program", "shop", 1, ""] });
    await signIn(browser, "ada");
    expect(await members()).toEqual(["search user", "shop user"]);
    expect((await stores.audit.list({ kind: "member" }, { page: 1, size: 9 })).rows[0]?.actor).toBe("sso");
    await stores.members.set(tester, "search", await onlyUser(teams), { role: "admin", rpm_limit: 7 });
    await stores.members.set(tester, "mail", await onlyUser(teams), {});
    for (const groups of [["search"], [], undefined, "search", { search: true }]) {
      openid.people.set("ada", { groups });
      await signIn(browser.another(), "ada");
      expect(await members()).toEqual(["mail user", "search admin", "shop user"]);
    }
  });

  it("ends memberships that the claim does not name where it alone counts, with the keys for the team", async () => {
    const { browser, teams } = await start({
      sso: "team_ids_jwt_field: groups, sync_user_role_and_teams: true",
    });
    const { stores } = teams;
    for (const team_id of ["search", "shop"]) await stores.teams.create(tester, { team_id });
    const ids = async (): Promise<readonly string[]> =>
      (await stores.members.ofUser(await onlyUser(teams))).map(({ team_id }) => team_id).toSorted();
    openid.people.set("ada", { groups: ["search", "shop"] });
    await signIn(browser, "ada");
    const user_id = await onlyUser(teams);
    const { row } = await stores.keys.create(tester, { team_id: "search", user_id });
    // A provider that sends no groups, as one does of whom there are too many, takes nothing away.
    openid.people.set("ada", {});
    await signIn(browser.another(), "ada");
    expect(await ids()).toEqual(["search", "shop"]);
    openid.people.set("ada", { groups: { search: false } });
    await signIn(browser.another(), "ada");
    expect(await ids()).toEqual(["search", "shop"]);
    openid.people.set("ada", { groups: ["shop"] });
    await signIn(browser.another(), "ada");
    expect(await ids()).toEqual(["shop"]);
    expect(await stores.keys.get(row.key_hash)).toBeUndefined();
    openid.people.set("ada", { groups: [] });
    await signIn(browser.another(), "ada");
    expect(await ids()).toEqual([]);
  });

  it("only adds memberships where a claim that alone counts cannot be read whole, and keeps the keys", async () => {
    const { browser, teams, log } = await start({
      sso: "team_ids_jwt_field: groups, sync_user_role_and_teams: true",
    });
    const { stores } = teams;
    for (const team_id of ["search", "shop"]) await stores.teams.create(tester, { team_id });
    openid.people.set("ada", { groups: ["search"] });
    await signIn(browser, "ada");
    const user_id = await onlyUser(teams);
    const { row } = await stores.keys.create(tester, { team_id: "search", user_id });
    const ids = async (): Promise<readonly string[]> =>
      (await stores.members.ofUser(user_id)).map(({ team_id }) => team_id).toSorted();
    const many = Array.from({ length: 200 }, (_, number) => `group-${number}`);
    for (const groups of [
      [...many, "search"],
      [{ id: "search" }],
      ["other", 7],
      ["other", ["search"]],
      ["other", null],
      ["other", ""],
      ["x".repeat(257)],
      ["sea\0rch"],
      "",
      "search other",
      "search,other",
    ]) {
      const warned = log.lines.length;
      openid.people.set("ada", { groups });
      await signIn(browser.another(), "ada");
      expect(await ids(), JSON.stringify(groups).slice(0, 40)).toEqual(["search"]);
      expect(log.lines.slice(warned)).toEqual([expect.stringMatching(/^warn: .*not read whole.*"claim":"groups"/)]);
      expect(log.lines.slice(warned).join()).not.toMatch(/search|other|group-1|xxx/);
    }
    openid.people.set("ada", { groups: ["shop", 7] });
    await signIn(browser.another(), "ada");
    expect(await ids()).toEqual(["search", "shop"]);
    expect(await stores.keys.get(row.key_hash)).toBeDefined();
    // One that can be read whole counts again.
    openid.people.set("ada", { groups: [...many.slice(1), ...many.slice(1), "shop"] });
    await signIn(browser.another(), "ada");
    expect(await ids()).toEqual(["shop"]);
    expect(await stores.keys.get(row.key_hash)).toBeUndefined();
  });

  it("leaves the role that an administrator gave where no groups are mapped", async () => {
    const { browser, teams, users } = await start();
    await signIn(browser, "ada");
    const [ada] = await users();
    await teams.stores.users.update(tester, ada?.user_id ?? "", { user_role: "proxy_admin" });
    await signIn(browser.another(), "ada");
    expect(await users()).toMatchObject([{ user_role: "proxy_admin" }]);
  });

  it("is the user whom an administrator made, by a verified email address alone", async () => {
    const { browser, teams, users } = await start();
    const ada = { user_id: "u-ada", user_email: "ADA@example.com", user_role: "internal_user" };
    await teams.stores.users.create(tester, ada);
    await teams.stores.teams.create(tester, { team_id: "research" });
    await teams.stores.members.set(tester, "research", "u-ada", { role: "admin" });
    openid.people.set("mallory", { email: "ada@example.com", email_verified: false });
    await signIn(browser, "mallory");
    expect(await users()).toHaveLength(2);
    openid.people.set("ada", { email: "ada@example.com", email_verified: true });
    const own = browser.another();
    await signIn(own, "ada");
    expect((await session(own)).person).toEqual({
      userId: "u-ada",
      name: "u-ada",
      role: "internal_user",
      teams: [{ teamId: "research", role: "admin" }],
    });
    // Somebody else to whom the address was given later is somebody else.
    openid.people.set("bob", { email: "ada@example.com", email_verified: true });
    await signIn(browser.another(), "bob");
    expect(await users()).toHaveLength(3);
  });

  it("lets in people of allowed domains and groups alone, and says what the operator can change", async () => {
    const { browser, users } = await start({ sso: "allowed_email_domains: [Example.com], allowed_groups: [rerank]" });
    const attempts = [
      [{ email: "a@evil.example", email_verified: true, groups: ["rerank"] }, "allowed_email_domains"],
      [{ email: "a@example.com.evil.example", email_verified: true, groups: ["rerank"] }, "allowed_email_domains"],
      [{ email: "example.com", email_verified: false, groups: ["rerank"] }, "require_verified_email"],
      [{ groups: ["rerank"] }, "allowed_email_domains"],
      [{ email: "a@example.com", email_verified: true, groups: ["other"] }, "allowed_groups"],
      [{ email: "a@example.com", email_verified: true }, "allowed_groups"],
    ] as const;
    for (const [claims, remedy] of attempts) {
      openid.people.set("ada", claims);
      const own = browser.another();
      const page = await signIn(own, "ada");
      expect(page.status).toBe(403);
      expect(page.text).toContain(remedy);
      expect((await session(own)).person).toBeNull();
    }
    expect(await users()).toEqual([]);
    openid.people.set("ada", { email: "a@example.com", email_verified: true, groups: ["rerank"] });
    expect((await signIn(browser.another(), "ada")).address).toBe(`${base}/ui`);
  });

  it("lets in nobody whose user is blocked", async () => {
    const { browser, teams, users } = await start();
    await signIn(browser, "ada");
    const [ada] = await users();
    await teams.stores.users.update(tester, ada?.user_id ?? "", { blocked: 1 });
    expect((await session(browser)).person).toBeNull();
    const page = await signIn(browser.another(), "ada");
    expect(page.status).toBe(403);
    expect(page.text).toContain("blocked");
  });

  it("ends the session at the provider too", async () => {
    const { browser } = await start();
    await signIn(browser, "ada");
    const { csrf_token: token } = await session(browser);
    const answer = await (await signOut(browser, { "x-dheera-csrf": token })).json();
    const address = new URL(answer.redirect_to);
    expect(address.origin).toBe(openid.issuer);
    expect(address.searchParams.get("post_logout_redirect_uri")).toBe(`${base}/ui`);
    expect(address.searchParams.get("id_token_hint")).toMatch(/^ey/);
    const confirm = await browser.visit(address.href);
    expect((await browser.submit(confirm, { logout: "yes" })).address).toBe(`${base}/ui`);
    // The provider asks again.
    expect((await browser.visit(`${base}/sso/login`)).text).toContain('name="password"');
  });
});

describe("an answer of the provider", () => {
  it("counts once", async () => {
    const { browser } = await start();
    await signIn(browser, "ada");
    const answer = browser.visited.find((address) => address.startsWith(`${base}/sso/callback`)) ?? "";
    const page = await browser.visit(answer);
    expect(page.status).toBe(400);
    expect(page.text).toContain("sign in again");
    expect(page.headers.get("set-cookie")).toBeNull();
  });

  it("counts in the browser that began, so that nobody can be signed in as somebody else by a link", async () => {
    const { browser } = await start();
    const mallorys = browser.another();
    const answer = await untilAnswer(mallorys, "mallory");
    const victim = browser.another();
    expect((await victim.visit(answer)).status).toBe(400);
    await victim.ask(`${base}/sso/login`);
    expect((await victim.visit(answer)).status).toBe(400);
    expect((await session(victim)).person).toBeNull();
    expect((await mallorys.visit(answer)).address).toBe(`${base}/ui`);
  });

  it("is refused where it was changed on its way", async () => {
    const { browser } = await start();
    const changes: Record<string, (address: URL) => void> = {
      "another code": ({ searchParams }) => searchParams.set("code", "x".repeat(43)),
      "no code": ({ searchParams }) => searchParams.delete("code"),
      "another state": ({ searchParams }) => searchParams.set("state", "x".repeat(43)),
      "no state": ({ searchParams }) => searchParams.delete("state"),
      "another issuer": ({ searchParams }) => searchParams.set("iss", "https://evil.example"),
      "no issuer": ({ searchParams }) => searchParams.delete("iss"),
      "an error": ({ searchParams }) => searchParams.set("error", "<script>alert(1)</script>"),
    };
    for (const [name, change] of Object.entries(changes)) {
      const own = browser.another();
      const answer = new URL(await untilAnswer(own, "ada"));
      change(answer);
      const page = await own.visit(answer.href);
      expect(page.status, name).toBe(400);
      expect(page.text).not.toContain("<script>");
      expect((await session(own)).person, name).toBeNull();
    }
  });

  it("is refused with a nonce or a verifier of another sign-in", async () => {
    const { browser } = await start();
    const other = browser.another();
    await other.ask(`${base}/sso/login`);
    const otherPending = pendingOf(other);
    for (const name of ["nonce", "verifier", "issuer"]) {
      const own = browser.another();
      const answer = await untilAnswer(own, "ada");
      const mixed = { ...pendingOf(own), [name]: name === "issuer" ? "https://evil.example" : otherPending[name] };
      setPending(own, Buffer.from(JSON.stringify(mixed)).toString("base64url"));
      expect((await own.visit(answer)).status, name).toBe(400);
      expect((await session(own)).person, name).toBeNull();
    }
  });

  it("is refused with whatever else stands in the browser's cookie", async () => {
    const { browser } = await start();
    for (const value of ["", "x", "e30", "bnVsbA", "A".repeat(5_000)]) {
      const own = browser.another();
      const answer = await untilAnswer(own, "ada");
      setPending(own, value);
      expect((await own.visit(answer)).status).toBe(400);
    }
  });

  it("is checked at the provider for so many at one time, and for others a moment later", async () => {
    let peers = 0;
    const token = "x".repeat(43);
    const { browser } = await start({ peer: () => `203.0.113.${peers++ % 250}` });
    const answer = await untilAnswer(browser, "ada");
    const flood = Array.from({ length: 60 }, async () => {
      const own = browser.another();
      const pending = { issuer: openid.issuer, state: token, nonce: token, verifier: token, returnTo: "/ui" };
      own.cookies.set(
        "rerank.example",
        new Map([[pendingCookie, Buffer.from(JSON.stringify(pending)).toString("base64url")]]),
      );
      return (await own.ask(`${base}/sso/callback?code=x&state=${token}&iss=${encodeURIComponent(openid.issuer)}`))
        .status;
    });
    const statuses = await Promise.all(flood);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    expect(statuses.filter((status) => status === 400)).toHaveLength(50);
    expect((await browser.visit(answer)).address).toBe(`${base}/ui`);
  });

  it("says in a page that somebody did not want to sign in", async () => {
    const { browser } = await start();
    const page = await browser.visit(`${base}/sso/login`);
    const abort = /href="([^"]*\/abort)"/.exec(page.text)?.[1] ?? "";
    const refused = await browser.visit(new URL(abort, page.address).href);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("access_denied");
    expect(refused.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("never stands in a log, and neither does a cookie or a token", async () => {
    const { browser, log } = await start();
    await signIn(browser, "ada");
    const answer = new URL(browser.visited.find((address) => address.startsWith(`${base}/sso/callback`)) ?? "");
    await browser.visit(answer.href);
    const cookie = browser.cookies.get("rerank.example")?.get(sessionCookie) ?? "";
    expect(cookie).toHaveLength(43);
    expect(log.lines.some((line) => line.includes("a sign-in failed"))).toBe(true);
    for (const secret of [
      answer.searchParams.get("code") ?? "",
      answer.searchParams.get("state") ?? "",
      cookie,
      clientSecret,
    ])
      expect(log.lines.join("\n")).not.toContain(secret);
  });
});

describe("the page after the sign-in", () => {
  it.each([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "\\\\evil.example",
    "/.//evil.example",
    "javascript:alert(1)",
    "ui",
    "",
    "/%2f%2fevil.example",
  ])("is one of this proxy, whatever a link asks for: %j", async (asked) => {
    const { browser } = await start();
    const page = await signIn(browser, "ada", asked);
    expect(new URL(page.address).origin).toBe(base);
    for (const address of browser.visited) expect(address).not.toMatch(/^https?:\/\/evil/);
  });

  it("is the first one where a link asks for one that is too long for a cookie", async () => {
    const { browser } = await start();
    expect((await signIn(browser, "ada", `/${"a".repeat(5_000)}`)).address).toBe(`${base}/ui`);
  });
});

describe("a provider that does not answer", () => {
  it("is named in a page with what to do, and asked again later", async () => {
    openid.isBroken = true;
    const { browser } = await start();
    const page = await browser.visit(`${base}/sso/login`);
    expect(page.status).toBe(503);
    expect(page.text).toContain("general_settings.sso.issuer");
    openid.isBroken = false;
    const asked = openid.requests.length;
    expect((await browser.visit(`${base}/sso/login`)).status).toBe(503);
    expect(openid.requests.length).toBe(asked);
  });

  it("signs nobody in who is between its page and ours, and keeps nobody signed in", async () => {
    const { browser } = await start();
    const answer = await untilAnswer(browser, "ada");
    openid.isBroken = true;
    const page = await browser.visit(answer);
    expect(page.status).toBe(503);
    expect((await session(browser)).person).toBeNull();
  });

  it("is said not to be configured where it is not", async () => {
    const { browser } = await start({ hasSso: false });
    const page = await browser.visit(`${base}/sso/login`);
    expect(page.status).toBe(400);
    expect(page.text).toContain("general_settings.sso");
    expect((await session(browser)).sign_in).toEqual({ key: true, sso: false });
  });
});

interface StartOptions {
  /** Further YAML of `general_settings`, and of `sso`. */
  readonly more?: string;
  readonly sso?: string;
  readonly hasSso?: boolean;
  readonly peer?: () => string;
  /** Whether the database of keys is away. */
  readonly identifyFails?: () => boolean;
}

async function start(options: StartOptions = {}) {
  const { more, sso, hasSso = true, peer = () => "203.0.113.9", identifyFails = () => false } = options;
  const teams = await databases.open();
  const provider = `{ issuer: "${openid.issuer}", client_id: ${clientId}, client_secret: ${clientSecret}, scope: openid email profile groups${sso === undefined ? "" : `, ${sso}`} }`;
  const yaml = `
model_list: [{ model_name: words, dheera_ai_params: { model: bm25/default } }]
general_settings:
  master_key: ${masterKey}
  proxy_base_url: ${base}
  ${hasSso ? `sso: ${provider}` : ""}
  ${more ?? ""}
`;
  const { config } = parseConfig(yaml, { file: "config.yaml", environment: {} });
  const log = memoryLog();
  const gateway = await createGateway(config, { environment: {}, telemetry: { log } });
  const people = createPeople({ settings: config.general_settings, teams, masterKey, log });
  const identify: Access["identify"] = (headers, address) =>
    identifyFails()
      ? Promise.reject(new DheeraError("unavailable", "the database is away"))
      : gateway.access.identify(headers, address);
  const access = { ...gateway.access, identify };
  const app = createApp({ ...gateway, people, access }, { peerAddress: peer });
  const browser = new Browser(base, (request) => app.fetch(request));
  const users = async () => (await teams.stores.users.list({}, { page: 1, size: 10 })).rows;
  return { browser, teams, users, log };
}

async function onlyUser({ stores }: Teams): Promise<string> {
  const { rows } = await stores.users.list({}, { page: 1, size: 2 });
  expect(rows).toHaveLength(1);
  return rows[0]?.user_id ?? "";
}

async function session(browser: Browser) {
  return (await browser.ask(`${base}/sso/session`)).json();
}

function logIn(browser: Browser, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return browser.ask(`${base}/login`, { method: "POST", body: JSON.stringify(body), headers });
}

function signOut(browser: Browser, headers: Record<string, string> = {}): Promise<Response> {
  return browser.ask(`${base}/sso/logout`, { method: "POST", headers });
}

/** All of it: to the provider, its form of names, its form of consent, and back. */
async function signIn(browser: Browser, name: string, returnTo?: string): Promise<Page> {
  const query = returnTo === undefined ? "" : `?${String(new URLSearchParams({ return_to: returnTo }))}`;
  const form = await browser.visit(`${base}/sso/login${query}`);
  const consent = await browser.submit(form, { login: name, password: "any" });
  return browser.submit(consent);
}

/** The same, up to the address with which the provider sends the browser back. */
async function untilAnswer(browser: Browser, name: string): Promise<string> {
  browser.stopsAt = `${base}/sso/callback`;
  const { address } = await signIn(browser, name);
  browser.stopsAt = undefined;
  expect(address).toContain("code=");
  return address;
}

function pendingOf(browser: Browser): Record<string, unknown> {
  const value = browser.cookies.get("rerank.example")?.get(pendingCookie) ?? "";
  return JSON.parse(Buffer.from(value, "base64url").toString());
}

function setPending(browser: Browser, value: string): void {
  browser.cookies.get("rerank.example")?.set(pendingCookie, value);
}
