import type { KeyRow, UserRow } from "@dheera-ai/teams";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createApp } from "../app.ts";
import { parseConfig } from "../config/parse-config.ts";
import { createGateway } from "../gateway/gateway.ts";
import { createPeople } from "../sign-in/people.ts";
import { type Role, roles } from "../sign-in/person.ts";
import { Browser } from "../sign-in/testing/browser.ts";
import { type Databases, startDatabases } from "../sign-in/testing/databases.ts";

const base = "https://rerank.example";
const masterKey = "sk-master-of-this-test";

let databases: Databases;

beforeAll(async () => {
  databases = await startDatabases("sqlite");
});
afterAll(() => databases[Symbol.asyncDispose]());

describe("what pages show", () => {
  it.each([
    ["proxy_admin", { models: 200, info: 200, health: 200 }],
    ["proxy_admin_viewer", { models: 200, info: 200, health: 403 }],
    ["internal_user", { models: 200, info: 403, health: 403 }],
    ["internal_user_viewer", { models: 200, info: 403, health: 403 }],
  ] as const satisfies readonly (readonly [Role, object])[])(
    "is for people of the role %s as far as it is theirs",
    async (role, may) => {
      const browser = await start(role);
      const status = async (path: string): Promise<number> => (await browser.ask(`${base}${path}`)).status;
      expect({
        models: await status("/v1/models"),
        info: await status("/model/info"),
        health: await status("/health"),
      }).toEqual(may);
    },
  );

  it("is for all roles that there are in this test", () => expect(roles).toHaveLength(4));

  it("is not for who is not signed in, nor for what a page of another site asks in their name", async () => {
    const browser = await start("proxy_admin");
    expect((await browser.another().ask(`${base}/v1/models`)).status).toBe(401);
    for (const site of ["cross-site", "same-site", "none"])
      expect((await browser.ask(`${base}/health`, { headers: { "sec-fetch-site": site } })).status).toBe(401);
    expect((await browser.ask(`${base}/health`, { headers: { "sec-fetch-site": "same-origin" } })).status).toBe(200);
  });

  it.each([
    ["internal_user", ["words"]],
    ["internal_user_viewer", ["words"]],
    ["proxy_admin_viewer", ["words", "secret"]],
    ["proxy_admin", ["words", "secret"]],
  ] as const satisfies readonly (readonly [Role, readonly string[]])[])(
    "names no models to people of the role %s but those that are theirs",
    async (role, names) => {
      expect(await modelsOf(await start(role, { models: '["words"]' }))).toEqual(names);
    },
  );

  it("names the models of the key by which somebody signed in", async () => {
    expect(await modelsOf(await start("internal_user", {}, { models: '["secret"]' }))).toEqual(["secret"]);
    expect(await modelsOf(await start("internal_user", { models: '["words"]' }, {}))).toEqual(["words"]);
    expect(await modelsOf(await start("internal_user"))).toEqual(["words", "secret"]);
  });

  it("tells who may not look whom to ask", async () => {
    const browser = await start("internal_user");
    expect(await (await browser.ask(`${base}/model/info`)).json()).toMatchObject({
      message: "ada may not see this; ask a proxy admin",
    });
  });
});

async function modelsOf(browser: Browser): Promise<readonly string[]> {
  const { data } = await (await browser.ask(`${base}/v1/models`)).json();
  return data.map(({ id }: { id: string }) => id);
}

/**
 * The browser of somebody with this role who is signed in.
 * @param key of the user by which they did; at a provider when absent
 */
async function start(role: Role, user: Partial<UserRow> = {}, key?: Partial<KeyRow>): Promise<Browser> {
  const teams = await databases.open();
  const yaml = `
model_list:
  - { model_name: words, dheera_ai_params: { model: bm25/default } }
  - { model_name: secret, dheera_ai_params: { model: bm25/default } }
general_settings: { master_key: ${masterKey}, proxy_base_url: "${base}" }
`;
  const { config } = parseConfig(yaml, { file: "config.yaml", environment: {} });
  const gateway = await createGateway(config, { environment: {} });
  const people = createPeople({ settings: config.general_settings, teams, masterKey });
  const app = createApp({ ...gateway, people }, { peerAddress: () => "203.0.113.9" });
  const actor = { name: "test" };
  await teams.stores.users.create(actor, { ...user, user_id: "ada", user_role: role });
  const made = key && (await teams.stores.keys.create(actor, { ...key, user_id: "ada" }));
  const holder = made
    ? ({ kind: "key", keyHash: made.row.key_hash } as const)
    : ({ kind: "user", userId: "ada" } as const);
  const session = await people.sessions?.create(holder, "ada");
  const browser = new Browser(base, (request) => app.fetch(request));
  browser.cookies.set("rerank.example", new Map([["__Host-dheera-session", session?.cookie ?? ""]]));
  return browser;
}
