import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { memoryLog } from "../../fixtures/memory-log.ts";
import { type ManagedProxy, masterKey, startManagedProxy } from "../../fixtures/start-managed-proxy.ts";
import { oneModel, startProxy } from "../../fixtures/start-proxy.ts";

const ownKey = "sk-of-my-own-choice-1";

describe("keys", () => {
  it("are made, shown once, and found by themselves and by their hashes", async () => {
    await using managed = await startManagedProxy();
    const made = await managed.make("/key/generate", { key_alias: "search", max_budget: 10, budget_duration: "30d" });
    expect(made).toMatchObject({
      key: expect.stringMatching(/^sk-[\w-]{40,}$/),
      token: expect.stringMatching(/^[0-9a-f]{64}$/),
      key_alias: "search",
      max_budget: 10,
      budget_duration: "30d",
      models: [],
      spend: 0,
      blocked: false,
      created_by: "master",
    });
    const key = String(made["key"]);
    const byHash = await managed.call("GET", `/key/info?key=${String(made["token"])}`);
    const byKey = await managed.call("GET", `/key/info?key=${key}`);
    const bySelf = await managed.call("GET", "/key/info", undefined, key);
    expect(byHash).toMatchObject({ status: 200, body: { key: made["token"], info: { key_alias: "search" } } });
    expect(byKey.body).toEqual(byHash.body);
    expect(bySelf.body).toEqual(byHash.body);
    const list = await managed.call("GET", "/key/list?return_full_object=true");
    expect(list.body).toMatchObject({ keys: [{ token: made["token"] }], total_count: 1, total_pages: 1 });
    for (const { text } of [byHash, byKey, bySelf, list, await managed.call("GET", "/audit")])
      expect(text).not.toContain(key);
  });

  it("are found several at once, as far as the caller may see them", async () => {
    await using managed = await startManagedProxy();
    const own = await managed.user("ada");
    const { key, token } = await managed.make("/key/generate", { key_alias: "search" });
    const keys = [key, "sk-that-nobody-made", own];
    const ofAll = await managed.make("/v2/key/info", { keys });
    expect(ofAll).toMatchObject({
      key: [token, expect.any(String)],
      info: [{ key_alias: "search", spend: 0 }, { user_id: "ada" }],
    });
    expect(await managed.make("/v2/key/info", { keys }, own)).toMatchObject({ info: [{ user_id: "ada" }] });
    expect((await managed.call("POST", "/v2/key/info", {})).body).toMatchObject({ error: { param: "keys" } });
  });

  it("let their holders rank until they are blocked, deleted or rotated", async () => {
    await using managed = await startManagedProxy();
    const { key } = await managed.make("/key/generate");
    const rank = async (): Promise<number> =>
      (await managed.call("POST", "/rerank", { query: "q", documents: ["d"], model: "bm25" }, String(key))).status;
    expect(await rank()).toBe(200);
    await managed.make("/key/block", { key });
    expect(await rank()).toBe(403);
    await managed.make("/key/unblock", { key });
    expect(await rank()).toBe(200);
    const rotated = await managed.make(`/key/${String(key)}/regenerate`);
    expect(rotated["key"]).not.toBe(key);
    expect(await rank()).toBe(401);
    await managed.make("/key/delete", { keys: [rotated["key"]] });
    expect((await managed.call("GET", "/key/info", undefined, String(rotated["key"]))).status).toBe(401);
  });

  it("are rotated with a grace time in which the old one is let in too", async () => {
    await using managed = await startManagedProxy();
    const { key, token_id: id } = await managed.make("/key/generate", { rpm_limit: 7 });
    const rotated = await managed.make("/key/regenerate", { key, grace_period: "24h", max_budget: 3 });
    expect(rotated).toMatchObject({ rpm_limit: 7, max_budget: 3, token_id: id });
    for (const one of [key, rotated["key"]])
      expect((await managed.call("GET", "/key/info", undefined, String(one))).body).toMatchObject({
        key: rotated["token"],
      });
  });

  it("are not changed where they cannot be rotated", async () => {
    await using managed = await startManagedProxy();
    const { key, token } = await managed.make("/key/generate", { rpm_limit: 7 });
    await managed.make("/key/generate", { key: ownKey });
    expect((await managed.call("POST", "/key/regenerate", { key, new_key: ownKey, rpm_limit: 9 })).status).toBe(400);
    expect((await managed.call("GET", `/key/info?key=${String(token)}`)).body).toMatchObject({
      info: { rpm_limit: 7 },
    });
  });

  it("are changed field by field: what is absent stays, null clears", async () => {
    await using managed = await startManagedProxy();
    const { key } = await managed.make("/key/generate", { rpm: 5, dpm_limit: 50, models: ["bm25"], duration: "30d" });
    const changed = await managed.make("/key/update", { key, rpm_limit: null, tpm_limit: 9, tags: ["a", "a", "b"] });
    expect(changed).toMatchObject({ rpm_limit: null, dpm_limit: 50, tpm_limit: 9, models: ["bm25"], tags: ["a", "b"] });
    expect(changed["expires"]).not.toBeNull();
    expect(await managed.make("/key/update", { key, duration: "-1", models: [] })).toMatchObject({
      expires: null,
      models: [],
    });
  });

  it("get what no other key wants where their priority is background", async () => {
    await using managed = await startManagedProxy();
    const { key, ...made } = await managed.make("/key/generate", { priority: "background" });
    expect(made).toMatchObject({ priority: "background" });
    const deployment = async (): Promise<unknown> => {
      const { body } = await managed.call("GET", "/model/info");
      return Array.isArray(body["data"]) ? body["data"][0].model_info : undefined;
    };
    expect(await deployment()).not.toHaveProperty("background");
    const asked = { model: "bm25", query: "q", documents: ["a", "b"] };
    expect((await managed.call("POST", "/rerank", asked, String(key))).status).toBe(200);
    expect(await deployment()).toMatchObject({ background: { documents_in_flight: 0, documents_queued: 0 } });

    expect(await managed.make("/key/update", { key, rpm_limit: 5 })).toMatchObject({ priority: "background" });
    const { key: rotated, ...next } = await managed.make(`/key/${String(made["token"])}/regenerate`, {});
    expect(next).toMatchObject({ priority: "background" });
    expect(await managed.make("/key/update", { key: rotated, priority: 3 })).toMatchObject({ priority: 3 });
    expect(await managed.make("/key/update", { key: rotated, priority: "background" })).toMatchObject({
      priority: "background",
    });
    expect(await managed.make("/key/update", { key: rotated, priority: null })).toMatchObject({ priority: null });
    for (const priority of ["foreground", -1, 1.5])
      expect(await managed.call("POST", "/key/update", { key: rotated, priority })).toMatchObject({
        status: 400,
        body: { error: { param: "priority" } },
      });
  });

  it("take LiteLLM's words for all models", async () => {
    await using managed = await startManagedProxy();
    expect(await managed.make("/key/generate", { models: ["all-team-models"] })).toMatchObject({ models: [] });
  });

  it("of somebody's own choice may be made again with the same fields, and not with others", async () => {
    await using managed = await startManagedProxy();
    const fields = { key: ownKey, key_alias: "mine", rpm_limit: 5 };
    const first = await managed.make("/key/generate", fields);
    expect(first).toMatchObject({ key: ownKey });
    expect(await managed.make("/key/generate", fields)).toEqual(first);
    const other = await managed.call("POST", "/key/generate", { ...fields, rpm_limit: 6 });
    expect(other.status).toBe(400);
    expect(other.text).not.toContain(ownKey);
  });

  it("have aliases of their own", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/key/generate", { key_alias: "mine" });
    expect(await managed.call("POST", "/key/generate", { key_alias: "mine" })).toMatchObject({
      status: 400,
      body: { error: { param: "key_alias", message: expect.stringContaining("key_alias") } },
    });
  });

  it("are deleted together or not at all, also by their aliases", async () => {
    await using managed = await startManagedProxy();
    const { key, token } = await managed.make("/key/generate", { key_alias: "one" });
    const refused = await managed.call("POST", "/key/delete", { keys: [key, "sk-that-is-not-there"] });
    expect(refused).toMatchObject({ status: 404, body: { message: "keys[1]: this key is not found" } });
    expect((await managed.call("GET", "/key/list")).body).toMatchObject({ keys: [token] });
    expect(await managed.make("/key/delete", { keys: [key], key_aliases: ["one"] })).toEqual({ deleted_keys: [token] });
    expect((await managed.call("GET", `/key/info?key=${String(key)}`)).status).toBe(404);
  });

  it("are listed by pages and by what they belong to", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/team/new", { team_id: "red" });
    for (const team_id of ["red", "red", undefined]) await managed.make("/key/generate", { team_id });
    const list = async (query: string): Promise<unknown> => (await managed.call("GET", `/key/list?${query}`)).body;
    expect(await list("size=2")).toMatchObject({ total_count: 3, current_page: 1, total_pages: 2 });
    expect(await list("size=2&page=2")).toMatchObject({ keys: [expect.any(String)], current_page: 2 });
    expect(await list("team_id=red")).toMatchObject({ total_count: 2 });
    expect(await list("team_id=blue")).toMatchObject({ keys: [], total_count: 0, total_pages: 0 });
  });
});

describe("a wrong request about keys", () => {
  let managed: ManagedProxy;
  beforeAll(async () => {
    managed = await startManagedProxy();
  });
  afterAll(() => managed[Symbol.asyncDispose]());

  it.each([
    ["/key/generate", [], "the body must be a JSON object, not a list"],
    ["/key/generate", "7", "the body must be a JSON object"],
    ["/key/generate", { rpm_limit: -1 }, "rpm_limit: must be at least 0"],
    ["/key/generate", { rpm_limit: 1.5 }, "rpm_limit: must be a whole number"],
    ["/key/generate", { rpm_limit: 1e12 }, "rpm_limit: must be at most 2147483647"],
    ["/key/generate", { rpm_limit: 1, rpm: 2 }, "rpm: says otherwise than rpm_limit; send one of them"],
    ["/key/generate", { max_budget: "10" }, "max_budget: must be a number"],
    ["/key/generate", { max_budget: 1e9 }, "max_budget: must be at most 9000000"],
    ["/key/generate", { budget_duration: "soon" }, "budget_duration: must be a whole number and a unit"],
    ["/key/generate", { budget_duration: "59m" }, "budget_duration: must be an hour or longer"],
    ["/budget/new", { budget_id: "b", budget_duration: "3599s" }, "budget_duration: must be an hour or longer"],
    ["/key/generate", { budget_time_zone: "Mars/Olympus" }, "budget_time_zone: must be the IANA name"],
    ["/key/generate", { key: "sk-short" }, "key: must have at least 16 characters"],
    ["/key/generate", { key: "sk-with a space in it" }, "key: must hold visible ASCII characters"],
    ["/key/generate", { key_alias: "a\u0000b" }, "key_alias: must be plain text of one line"],
    ["/key/generate", { key_alias: "x".repeat(201) }, "key_alias: must have at most 200 characters"],
    ["/key/generate", { models: "bm25" }, "models: must be a list of texts"],
    ["/key/generate", { models: [7] }, "models.0: must be a text"],
    ["/key/generate", { metadata: "x" }, "metadata: must be an object"],
    ["/key/generate", { metadata: [1] }, "metadata: must be an object, not a list"],
    ["/key/generate", { metadata: { long: "x".repeat(64_000) } }, "metadata: must have at most 64000 characters"],
    ["/key/generate", { duration: "30d", expires: "2030-01-01" }, "expires: stands beside duration"],
    ["/key/generate", { expires: "never" }, "expires: must be a date"],
    ["/key/generate", { team_id: "nowhere" }, "team_id: "],
    ["/key/generate", { user_id: "nobody" }, "user_id: "],
    ["/key/update", {}, "key: is required"],
    ["/key/delete", {}, "keys: is required"],
    ["/key/delete", { keys: Array.from({ length: 501 }, () => "sk-of-the-test") }, "keys: must hold at most 500"],
  ])("%s names the field at fault (%#)", async (path, body, message) => {
    const answer = await managed.call("POST", path, body);
    expect(answer.status).toBe(400);
    expect(answer.body["message"]).toContain(message);
    expect((await managed.call("GET", "/key/list")).body).toMatchObject({ total_count: 0 });
  });

  it.each(["page=0", "page=x", "size=501", "size=-1", "page=1e3", "return_full_object=maybe"])(
    "names the parameter of the address at fault: %s",
    async (query) => {
      const answer = await managed.call("GET", `/key/list?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { error: { param: query.split("=")[0] } } });
    },
  );

  it.each([
    ["POST", "/key/update", { key: "sk-that-is-not-there" }],
    ["POST", "/key/block", { key: "sk-that-is-not-there" }],
    ["POST", "/key/unblock", { key: "sk-that-is-not-there" }],
    ["POST", "/key/regenerate", { key: "sk-that-is-not-there" }],
    ["POST", "/key/sk-that-is-not-there/regenerate", undefined],
    ["GET", "/key/info?key=sk-that-is-not-there", undefined],
  ])("%s %s answers 404 for a key that is not there, without repeating it", async (method, path, body) => {
    const answer = await managed.call(method, path, body);
    expect(answer).toMatchObject({
      status: 404,
      body: { message: "key: this key is not found", error: { code: "not_found", param: "key" } },
    });
    expect(answer.text).not.toContain("sk-that-is-not-there");
  });
});

describe("a request about keys", () => {
  it("says which fields have no effect", async () => {
    await using managed = await startManagedProxy();
    const made = await managed.make("/key/generate", { guardrails: ["pii"], aliases: {}, max_budgett: 5, spend: 0 });
    expect(made["warnings"]).toEqual(["guardrails: has no effect here", "max_budgett: has no effect here"]);
    expect((await managed.call("GET", "/key/list?include_team_keys=true")).body).toMatchObject({
      total_count: 1,
      warnings: [expect.stringMatching(/^include_team_keys: has no effect here; .*team_id/)],
    });
    expect((await managed.call("GET", "/key/list?include_team_keys=false")).body).not.toHaveProperty("warnings");
  });

  it("says which parameters of the address have no effect, beside a list or a table in a header", async () => {
    await using managed = await startManagedProxy();
    const { body } = await managed.call(
      "GET",
      "/key/list?teamid=research&status=&include_org=false&Größe=%0A&teamid=b",
    );
    expect(body["warnings"]).toEqual(["teamid: has no effect here", "Größe: has no effect here"]);
    const warningsOf = async (path: string): Promise<string | null> => {
      const response = await managed.proxy.get(path, { authorization: `Bearer ${masterKey}` });
      expect(response.status).toBe(200);
      return response.headers.get("x-dheera-warnings");
    };
    expect(await warningsOf("/budget/list?team=x&Größe=1")).toBe(
      "team:%20has%20no%20effect%20here, Gr%C3%B6%C3%9Fe:%20has%20no%20effect%20here",
    );
    expect(await warningsOf("/spend/logs?format=csv&modle=x")).toBe("modle:%20has%20no%20effect%20here");
    expect(await warningsOf("/spend/logs?format=csv&team_id=x")).toBeNull();
  });

  it("leaves no key in the log", async () => {
    const log = memoryLog();
    await using managed = await startManagedProxy({ log });
    await managed.make("/key/generate", { key: ownKey });
    await managed.call("GET", `/key/info?key=${ownKey}`);
    await managed.call("POST", `/key/${ownKey}/regenerate`, { new_key: `${ownKey}-again` });
    await managed.call("POST", "/key/generate", { key: `${ownKey}-again`, rpm_limit: 3 });
    expect(log.lines.join("\n")).not.toContain(ownKey);
  });
});

describe("without a database", () => {
  const settings = `general_settings: { master_key: ${masterKey} }`;
  it.each(["/key/generate", "/team/new", "/user/new", "/budget/new"])("%s says what to set", async (path) => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9", settings) });
    const response = await proxy.post(path, {}, { authorization: `Bearer ${masterKey}` });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("general_settings.database_url") });
  });
});

describe("users and keys of no user", () => {
  it("make, see, change and delete keys of their own, and of nobody else", async () => {
    await using managed = await startManagedProxy();
    const [ada, bob] = [await managed.user("ada"), await managed.user("bob")];
    const made = await managed.make("/key/generate", { max_budget: 1 }, ada);
    expect(made).toMatchObject({ user_id: "ada", created_by: "ada" });
    expect(await managed.make("/key/update", { key: made["token"], max_budget: 2 }, ada)).toMatchObject({
      max_budget: 2,
    });
    expect((await managed.call("GET", "/key/list", undefined, ada)).body).toMatchObject({ total_count: 2 });
    for (const [path, body] of [
      ["/key/update", { key: made["token"], key_alias: "mine now" }],
      ["/key/delete", { keys: [made["token"]] }],
      ["/key/regenerate", { key: made["token"] }],
      ["/key/block", { key: made["token"] }],
      ["/key/generate", { user_id: "ada" }],
    ] as const)
      expect(await managed.call("POST", path, body, bob), path).toMatchObject({
        status: 403,
        body: { error: { code: "forbidden" } },
      });
    expect((await managed.call("GET", "/key/list?user_id=ada", undefined, bob)).status).toBe(403);
    expect((await managed.call("GET", "/key/list", undefined, bob)).body).toMatchObject({ total_count: 1 });
    await managed.make("/key/delete", { keys: [made["token"]] }, ada);
  });

  it("do not loosen or open again what somebody else limited", async () => {
    await using managed = await startManagedProxy();
    const ada = await managed.user("ada");
    const given = await managed.make("/key/generate", { user_id: "ada", max_budget: 1 });
    const update = { key: given["token"], max_budget: 100 };
    expect(await managed.call("POST", "/key/update", update, ada)).toMatchObject({ status: 403 });
    const rotate = { key: given["token"], max_budget: 100 };
    expect(await managed.call("POST", "/key/regenerate", rotate, ada)).toMatchObject({ status: 403 });
    expect(await managed.make("/key/update", { key: given["token"], key_alias: "mine" }, ada)).toMatchObject({
      max_budget: 1,
    });
    const own = await managed.make("/key/generate", {}, ada);
    await managed.make("/key/block", { key: own["token"] });
    for (const [path, body] of [
      ["/key/unblock", { key: own["token"] }],
      ["/key/update", { key: own["token"], blocked: false }],
    ] as const)
      expect((await managed.call("POST", path, body, ada)).status, path).toBe(403);
  });

  it("do not loosen what somebody else limited since, on a key that they made", async () => {
    await using managed = await startManagedProxy();
    const ada = await managed.user("ada");
    const { token } = await managed.make("/key/generate", { max_budget: 5 }, ada);
    await managed.make("/key/update", { key: token, rpm_limit: 9 }, ada);
    await managed.make("/key/update", { key: token, max_budget: 0 });
    await managed.make("/key/update", { key: token, key_alias: "mine" }, ada);
    const rotated = await managed.make("/key/regenerate", { key: token }, ada);
    for (const change of [{ max_budget: 100 }, { max_budget: null }, { rpm_limit: 10 }, { duration: "-1" }])
      for (const path of ["/key/update", "/key/regenerate"])
        expect(
          await managed.call("POST", path, { key: rotated["token"], ...change }, ada),
          JSON.stringify(change),
        ).toMatchObject({ status: 403 });
    expect(await managed.make("/key/update", { key: rotated["token"], max_budget: 1 })).toMatchObject({
      max_budget: 1,
      created_by: "ada",
    });
  });

  it("do not open a blocked key by making it again", async () => {
    await using managed = await startManagedProxy();
    const ada = await managed.user("ada");
    const { token } = await managed.make("/key/generate", { key: ownKey, key_alias: "mine" }, ada);
    const spare = await managed.make("/key/generate", {}, ada);
    await managed.make("/key/block", { key: token });
    for (const body of [{ keys: [ownKey] }, { keys: [token] }, { key_aliases: ["mine"] }])
      expect(await managed.call("POST", "/key/delete", body, ada)).toMatchObject({ status: 403 });
    await managed.make("/key/delete", { keys: [token] });
    for (const [path, body] of [
      ["/key/generate", { key: ownKey }],
      ["/key/regenerate", { key: spare["token"], new_key: ownKey }],
    ] as const) {
      const refused = await managed.call("POST", path, body, ada);
      expect(refused, path).toMatchObject({ status: 400, body: { error: { param: "key" } } });
      expect(refused.text).not.toContain(ownKey);
    }
    expect((await managed.call("GET", "/key/info", undefined, ownKey)).status).toBe(401);
    expect(await managed.make("/key/generate", { key: ownKey, user_id: "ada" })).toMatchObject({ token });
    await managed.make("/key/delete", { keys: [token] }, ada);
    await managed.make("/key/generate", { key: ownKey }, ada);
  });

  it("let nobody read the traffic of all whom no proxy admin lets", async () => {
    await using managed = await startManagedProxy();
    const ada = await managed.user("ada");
    await managed.make("/team/new", { team_id: "red", members_with_roles: [{ user_id: "ada", role: "admin" }] });
    const own = await managed.make("/key/generate", {}, ada);
    const ofTeam = await managed.make("/key/generate", { team_id: "red" }, ada);
    const widened = { read_metrics: true };
    for (const [path, body] of [
      ["/key/generate", widened],
      ["/key/generate", { team_id: "red", ...widened }],
      ["/key/service-account/generate", { team_id: "red", ...widened }],
      ["/key/update", { key: own["token"], ...widened }],
      ["/key/update", { key: ofTeam["token"], ...widened }],
      ["/key/regenerate", { key: own["token"], ...widened }],
    ] as const)
      expect(await managed.call("POST", path, body, ada), path).toMatchObject({
        status: 403,
        body: { message: expect.stringContaining("read_metrics") },
      });
    expect((await managed.call("GET", "/metrics", undefined, String(own["key"]))).status).toBe(403);
    expect(await managed.make("/key/update", { key: own["token"], read_metrics: false }, ada)).toMatchObject({
      read_metrics: false,
    });
    expect(await managed.make("/key/update", { key: own["token"], ...widened })).toMatchObject(widened);
    expect(await managed.make("/key/update", { key: own["token"], key_alias: "mine" }, ada)).toMatchObject(widened);
  });

  it("move no key into a team or an organization that is not theirs", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/team/new", { team_id: "red" });
    await managed.make("/organization/new", { organization_id: "acme", organization_alias: "Acme" });
    const ada = await managed.user("ada");
    const own = await managed.make("/key/generate", {}, ada);
    for (const owners of [{ team_id: "red" }, { organization_id: "acme" }, { user_id: "ada", team_id: "red" }]) {
      expect((await managed.call("POST", "/key/generate", owners, ada)).status).toBe(403);
      expect((await managed.call("POST", "/key/update", { key: own["token"], ...owners }, ada)).status).toBe(403);
    }
  });

  it("of no user see themselves alone", async () => {
    await using managed = await startManagedProxy();
    const { key, token } = await managed.make("/key/generate");
    const { token: other } = await managed.make("/key/generate");
    expect((await managed.call("GET", "/key/list", undefined, String(key))).body).toMatchObject({ keys: [token] });
    expect((await managed.call("GET", `/key/info?key=${String(other)}`, undefined, String(key))).status).toBe(403);
    expect((await managed.call("POST", "/key/generate", {}, String(key))).status).toBe(403);
  });

  it("are judged by the role that the user has now", async () => {
    await using managed = await startManagedProxy();
    const ada = await managed.user("ada", { user_role: "proxy_admin" });
    expect((await managed.call("POST", "/team/new", { team_id: "red" }, ada)).status).toBe(200);
    await managed.make("/user/update", { user_id: "ada", user_role: "proxy_admin_viewer" });
    expect((await managed.call("POST", "/team/new", { team_id: "blue" }, ada)).status).toBe(403);
    expect((await managed.call("GET", "/team/list", undefined, ada)).status).toBe(200);
    expect(await teamsOf(managed)).toEqual(["red"]);
  });
});

async function teamsOf({ call }: ManagedProxy): Promise<readonly unknown[]> {
  const { text } = await call("GET", "/team/list");
  const teams: unknown = JSON.parse(text);
  return Array.isArray(teams) ? teams.map((team: { team_id: string }) => team.team_id) : [];
}
