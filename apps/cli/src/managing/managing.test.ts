import { type Server, createServer } from "node:http";
import { once } from "node:events";

import { hashOfKey, openDatabase } from "@dheera-ai/teams";
import { parse as parseCsv } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { describeOnEachDatabase } from "../../../../packages/teams/src/testing/each-database.ts";
import { type ProxyProcess, startProxy } from "../../../../test/support/proxy-process.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";
import type { Outcome } from "../testing/processes.ts";
import { type Setting, runInProcess } from "../testing/run-in-process.ts";

const masterKey = "sk-master-of-this-test";

describeOnEachDatabase("a running proxy, managed from a shell", ({ createDatabase }) => {
  let proxy: ProxyProcess;
  let url: string;
  const folders: AsyncDisposable[] = [];

  beforeAll(async () => {
    url = await createDatabase();
    const folder = await createFolder({
      "config.yaml": `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${masterKey}, database_url: ${JSON.stringify(url)} }
`,
    });
    folders.push(folder);
    proxy = await startProxy(`${folder.path}/config.yaml`);
  });

  afterAll(async () => {
    await proxy?.stop();
    for (const folder of folders) await folder[Symbol.asyncDispose]();
  });

  /** With the master key, where no other one is given. */
  function type(line: string, setting: Setting = {}, ...more: readonly string[]): Promise<Outcome> {
    const environment = { DHEERA_AI_API_KEY: masterKey };
    return runInProcess([...line.split(" "), ...more, "--api_base", proxy.url], { environment, ...setting });
  }

  async function done(line: string, setting: Setting = {}, ...more: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await type(line, setting, ...more);
    expect(code, stderr).toBe(0);
    return stdout;
  }

  async function answered(line: string, ...more: readonly string[]): Promise<Record<string, unknown>> {
    return JSON.parse(await done(line, {}, ...more));
  }

  async function rerank(key: string): Promise<number> {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const body = JSON.stringify({ model: "bm25", query: "capital", documents: ["Paris", "Bread"] });
    return (await fetch(`${proxy.url}/v1/rerank`, { method: "POST", headers, body })).status;
  }

  it("makes an organization, a team, a user and a key, and the key ranks", async () => {
    expect(await answered("organizations new acme --max_budget 1000 --budget_duration 1mo")).toMatchObject({
      organization_id: "acme",
      max_budget: 1000,
    });
    const limits = "--models bm25 --rpm_limit 600 --max_budget 100.5 --budget_duration 1mo";
    expect(await answered(`teams new research --organization acme ${limits}`)).toMatchObject({
      team_id: "research",
      organization_id: "acme",
      models: ["bm25"],
      rpm_limit: 600,
      max_budget: 100.5,
      budget_duration: "1mo",
    });
    expect(await done("users new alice --email alice@example.com --teams research --quiet")).toBe("alice\n");
    const key = await done("keys generate --team research --user alice --alias search-api --duration 90d --quiet");
    expect(key).toMatch(/^sk-\S+\n$/);
    expect(await rerank(key.trim())).toBe(200);
    expect(await answered("keys info --alias search-api")).toMatchObject({
      key: hashOfKey(key.trim()),
      info: { team_id: "research", user_id: "alice" },
    });
    // Whose key asks need not say which one.
    const own = await runInProcess(["keys", "info", "--api_base", proxy.url, "--api_key", key.trim()]);
    expect(JSON.parse(own.stdout)).toMatchObject({ info: { key_alias: "search-api" } });
  });

  it("makes no key of a user that nobody asked for", async () => {
    expect(await answered("users new bob")).not.toHaveProperty("key");
    const key = await done("users new carol --create_key --quiet");
    expect(await rerank(key.trim())).toBe(200);
  });

  it("changes values and takes them away", async () => {
    await done("teams new changing --max_budget 5 --rpm_limit 10 --models bm25");
    const { data } = await answered("teams update changing --alias Changed --clear rpm_limit,models --tpm_limit 7");
    expect(data).toMatchObject({ team_alias: "Changed", max_budget: 5, rpm_limit: null, models: [], tpm_limit: 7 });
    await done("users new changing-too");
    expect(await answered("users update changing-too --role proxy_admin_viewer")).toMatchObject({
      data: { user_role: "proxy_admin_viewer" },
    });
    await done("organizations new changing-all");
    expect(await answered("organizations update changing-all", "--alias", "A b")).toMatchObject({
      organization_alias: "A b",
    });
    expect(await answered("keys generate --alias changing-key --priority background")).toMatchObject({
      priority: "background",
    });
    expect(await answered("keys update --alias changing-key --priority 9")).toMatchObject({ priority: 9 });
    expect(await answered("keys update --alias changing-key --clear priority")).toMatchObject({ priority: null });
    const metadata = '{"project": "search"}';
    expect(
      await answered("keys update --alias changing-key --new_alias changed-key --metadata", metadata),
    ).toMatchObject({ key_alias: "changed-key", metadata: { project: "search" } });
  });

  it("blocks, lets in again, rotates with a grace and deletes a key, by its alias, its hash or itself", async () => {
    const key = (await done("keys generate --alias short-lived --quiet")).trim();
    expect(await rerank(key)).toBe(200);
    await done("keys block --alias short-lived");
    expect(await rerank(key)).toBe(403);
    await done("keys unblock", {}, hashOfKey(key));
    expect(await rerank(key)).toBe(200);
    const rotated = (await done("keys rotate --grace_period 1h --quiet", {}, key)).trim();
    expect(rotated).not.toBe(key);
    expect([await rerank(key), await rerank(rotated)]).toEqual([200, 200]);
    expect(await answered("keys delete --yes", rotated)).toEqual({ deleted_keys: [hashOfKey(rotated)] });
    expect(await rerank(rotated)).toBe(401);
  });

  it("asks before it deletes, and wants --yes where nobody can be asked", async () => {
    await done("teams new doomed");
    const refused = await type("teams delete doomed", { answer: "n" });
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("Delete doomed with all keys of theirs?");
    const unasked = await type("teams delete doomed");
    expect(unasked).toMatchObject({ code: 2, stdout: "" });
    expect(unasked.stderr).toContain("--yes");
    expect(JSON.parse(await done("teams delete doomed", { answer: "y" }))).toEqual({ deleted_teams: ["doomed"] });
    expect(await type("teams info doomed")).toMatchObject({ code: 1, stderr: expect.stringContaining("team_id") });
    for (const [kind, id] of [
      ["users", "doomed"],
      ["organizations", "doomed"],
      ["budgets", "doomed"],
    ]) {
      await done(`${kind} new ${id}`);
      await done(`${kind} delete ${id} --yes`);
      expect(await done(`${kind} list --csv`)).not.toContain("doomed");
    }
  });

  it("adds, changes and removes members of a team", async () => {
    await done("teams new crew");
    expect(await answered("teams add-member crew --user dave --role admin --max_budget 3")).toMatchObject({
      members_with_roles: [{ user_id: "dave", role: "admin" }],
      updated_team_memberships: [{ max_budget: 3 }],
    });
    expect(await answered("teams update-member crew --user dave --role user --clear max_budget")).toMatchObject({
      role: "user",
      max_budget: null,
    });
    const shown = await done("teams info crew", { interactive: true });
    expect(shown).toMatch(/^Members\nuser {2}role {2}spend\ndave {2}user +\$0$/m);
    expect(await answered("teams remove-member crew --user dave --yes")).toMatchObject({ members_with_roles: [] });
  });

  it("has budgets that several share", async () => {
    await done("budgets new small --max_budget 0.5 --budget_duration 24h");
    await done("teams new sharing --budget small");
    expect(await answered("budgets update small --max_budget 0.75")).toMatchObject({ max_budget: 0.75 });
    expect(await done("budgets info small", { interactive: true })).toMatch(/^max_budget +\$0\.75$/m);
    expect(await done("budgets list", { interactive: true })).toMatch(/^small +\$0\.75 +24h/m);
  });

  it("follows the pages of a list to its end, and finds by filters", async () => {
    await done("teams new many");
    const { token } = await answered("keys generate --team many --alias many-0");
    const database = await openDatabase(url);
    try {
      const { db } = database;
      const first = await db
        .selectFrom("dheera_keys")
        .selectAll()
        .where("key_hash", "=", String(token))
        .executeTakeFirstOrThrow();
      const others = Array.from({ length: 1_000 }, (_, at) => {
        const hash = hashOfKey(`many-${at + 1}`);
        return { ...first, key_hash: hash, key_id: hash, key_alias: `many-${at + 1}` };
      });
      for (let from = 0; from < others.length; from += 100)
        await db
          .insertInto("dheera_keys")
          .values(others.slice(from, from + 100))
          .execute();
    } finally {
      await database.close();
    }
    const all: readonly { key_alias: string }[] = JSON.parse(await done("keys list --team many --json"));
    expect(new Set(all.map(({ key_alias }) => key_alias)).size).toBe(1_001);
    expect(all).toHaveLength(1_001);
    const rows = parseCsv(await done("keys list --team many --csv"), { columns: true });
    expect(rows).toHaveLength(1_001);
    const table = await done("keys list --team many", { interactive: true });
    expect(table.match(/^many-\d+ /gm)).toHaveLength(1_001);
    const found = JSON.parse(await done("keys list --search MANY-100 --json"));
    expect(found).toHaveLength(2);
    expect(JSON.parse(await done("keys list --team nobody-has-this --json"))).toEqual([]);
    expect(await done("keys list --team nobody-has-this", { interactive: true })).toContain("keys generate");
  });

  it("fits lists into 80 columns, and names what is not shown", async () => {
    await done("teams new wide --organization acme --models bm25 --max_budget 9 --rpm_limit 3", {});
    await done(
      "keys generate --team wide --alias a-key-with-a-name-that-is-longer-than-any-column --user alice --duration 30d",
    );
    for (const line of ["keys list", "teams list", "users list"]) {
      const lines = (await done(line, { interactive: true })).trimEnd().split("\n");
      const hidden = lines.at(-1) ?? "";
      expect(hidden).toMatch(/^not shown: .*created.*--json/);
      for (const shown of lines.slice(0, -1)) expect(shown.length).toBeLessThanOrEqual(80);
    }
    const wide = await done("keys list --team wide", { interactive: true, width: 250 });
    expect(wide).not.toContain("not shown");
  });

  it("shows names that somebody made to control a terminal or a spreadsheet as the texts that they are", async () => {
    await done("teams new hostile");
    // The API refuses such names; whoever writes to the database does not.
    const database = await openDatabase(url);
    const alias = "\u001B[2J\u001B]0;owned\u0007=1+1\u009B31m\u202Egnp";
    try {
      await database.db
        .updateTable("dheera_teams")
        .set({ team_alias: alias })
        .where("team_id", "=", "hostile")
        .execute();
      await database.db
        .updateTable("dheera_teams")
        .set({ team_alias: "=HYPERLINK(1)" })
        .where("team_id", "=", "crew")
        .execute();
    } finally {
      await database.close();
    }
    // oxlint-disable-next-line no-control-regex
    const control = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/;
    for (const line of ["teams list", "teams info hostile"]) {
      for (const setting of [{ interactive: true, width: 200 }, {}])
        expect(await done(line, setting)).not.toMatch(control);
    }
    expect(JSON.parse(await done("teams list --search hostile --json"))).toMatchObject([{ team_alias: alias }]);
    const rows: readonly { team_id: string; team_alias: string }[] = parseCsv(await done("teams list --csv"), {
      columns: true,
    });
    expect(rows.find(({ team_id }) => team_id === "crew")).toMatchObject({ team_alias: "'=HYPERLINK(1)" });
  });

  it("lists what was booked, for a team, a key or days", async () => {
    const key = (await done("keys generate --team research --alias booked --quiet")).trim();
    for (let at = 0; at < 3; at++) expect(await rerank(key)).toBe(200);
    const logs = async (...more: readonly string[]): Promise<readonly unknown[]> =>
      JSON.parse(await done("spend logs --json", {}, ...more));
    // Answers are booked behind the request.
    await expect.poll(() => logs("--key", key)).toHaveLength(3);
    expect(await logs("--key", hashOfKey(key))).toHaveLength(3);
    expect(await logs("--key", key, "--team", "crew")).toEqual([]);
    expect(await logs("--key", key, "--end_date", "2020-01-01")).toEqual([]);
    expect(await done("spend logs", { interactive: true }, "--key", key)).toMatch(/^time +key +team +model +status/);
    // Its columns are those of the proxy's own table, in that order.
    const table = await fetch(`${proxy.url}/spend/logs?format=csv`, {
      headers: { authorization: `Bearer ${masterKey}` },
    });
    const [names] = parseCsv(await done("spend logs --csv", {}, "--key", key));
    expect(names).toEqual(parseCsv(await table.text())[0]);
    expect(names).toContain("request_id");
    const report = JSON.parse(await done("spend report --json --group_by api_key", {}, "--key", key));
    expect(report).toMatchObject([{ key_alias: "booked" }]);
  });

  it("says what to do where the proxy refuses", async () => {
    const key = (await done("keys generate --user alice --quiet")).trim();
    const asAlice = { environment: { DHEERA_AI_API_KEY: key } };
    const forbidden = await type("teams new of-alice", asAlice);
    expect(forbidden).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("proxy admin") });
    const unknown = await type("keys list", { environment: { DHEERA_AI_API_KEY: "sk-that-nobody-made-here" } });
    expect(unknown).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("--api_key") });
    expect(unknown.stderr).not.toContain("sk-that-nobody");
    const keyless = await type("keys list", { environment: {} });
    expect(keyless).toMatchObject({ code: 1, stderr: expect.stringContaining("DHEERA_AI_API_KEY") });
    expect(await type("keys info --alias nobody")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("keys list"),
    });
    expect(await type("keys generate --team nobody")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("team_id"),
    });
    const taken = await type("keys generate --alias search-api");
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining("search-api is taken") });
  });
});

it("says that a proxy without a database needs one", async () => {
  await using folder = await createFolder({
    "config.yaml": `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${masterKey} }
`,
  });
  const proxy = await startProxy(`${folder.path}/config.yaml`);
  try {
    const { code, stderr } = await runInProcess(["teams", "list", "--api_base", proxy.url, "--api_key", masterKey]);
    expect(code).toBe(2);
    expect(stderr).toContain("general_settings.database_url");
  } finally {
    await proxy.stop();
  }
});

it("points to the database where the proxy says that it is the database, and nowhere else", async () => {
  const said = ["the database of keys cannot be asked now", "other answers are being deleted"];
  const server = createServer((request, response) => {
    const message = request.url?.startsWith("/v2/team") ? said[0] : said[1];
    response.writeHead(503, { "content-type": "application/json" });
    const error = { message, type: "internal_error", code: "unavailable", param: null };
    response.end(JSON.stringify({ id: "call-1", message, detail: message, error }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const base = ["--api_base", `http://127.0.0.1:${portOf(server)}`, "--api_key", masterKey];
    const [away, busy] = [
      await runInProcess(["teams", "list", ...base]),
      await runInProcess(["keys", "list", ...base]),
    ];
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining("db status") });
    expect(busy).toMatchObject({ code: 1, stderr: expect.stringContaining("other answers are being deleted") });
    expect(busy.stderr).not.toContain("db status");
  } finally {
    server.close();
  }
});

it("sends a key of somebody's in no address, and the master key to no other server", async () => {
  const asked: { readonly address: string; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    asked.push({ address: request.url ?? "", body });
    response.writeHead(307, { location: "http://127.0.0.1:9/" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  try {
    const base = ["--api_base", `http://127.0.0.1:${port}`, "--api_key", masterKey];
    for (const line of [
      ["keys", "info"],
      ["keys", "block"],
      ["keys", "rotate"],
      ["spend", "logs", "--key"],
    ])
      expect(await runInProcess([...line, "sk-a-key-of-somebody", ...base])).toMatchObject({ code: 1 });
    expect(asked).toHaveLength(4);
    expect(JSON.stringify(asked)).not.toContain("sk-a-key-of-somebody");
    expect(JSON.stringify(asked)).toContain(hashOfKey("sk-a-key-of-somebody"));
  } finally {
    server.close();
  }
});

it("says where no proxy answers, and where another server does", async () => {
  const away = await runInProcess(["teams", "list", "--api_base", "http://127.0.0.1:9"]);
  expect(away).toMatchObject({ code: 1, stdout: "" });
  expect(away.stderr).toContain("no proxy answers at http://127.0.0.1:9; start one with dheera_ai --config");
  const server = createServer((_, response) => response.end('{"hello": 1}')).listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  try {
    const other = await runInProcess(["teams", "list", "--api_base", `http://127.0.0.1:${port}`]);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("check --api_base") });
  } finally {
    server.close();
  }
});

it("lists once what moves to the next page while it reads, and takes nothing else for a list", async () => {
  const pages = [
    { teams: [{ team_id: "a" }, { team_id: "b" }], total_pages: 2 },
    // One was made meanwhile.
    { teams: [{ team_id: "b" }, { team_id: "c" }], total_pages: 2 },
    { teams: [{ team_id: "a" }] },
  ];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(JSON.stringify(pages.shift()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = ["--api_base", `http://127.0.0.1:${portOf(server)}`];
  try {
    const { stdout } = await runInProcess(["teams", "list", "--json", ...base]);
    expect(JSON.parse(stdout)).toEqual([{ team_id: "a" }, { team_id: "b" }, { team_id: "c" }]);
    expect(asked).toEqual(["/v2/team/list?page=1&page_size=500", "/v2/team/list?page=2&page_size=500"]);
    const endless = await runInProcess(["teams", "list", "--json", ...base]);
    expect(endless).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("check --api_base") });
  } finally {
    server.close();
  }
});

it("reads plain lists page by page to their end, and those of a proxy that knows no pages once", async () => {
  const budgets = Array.from({ length: 1_000 }, (_, index) => ({ budget_id: `budget ${index}` }));
  let knowsPages = true;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const page = Number(new URL(request.url ?? "", "http://127.0.0.1").searchParams.get("page"));
    response.end(JSON.stringify(knowsPages ? budgets.slice((page - 1) * 500, page * 500) : budgets.slice(0, 500)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = ["--api_base", `http://127.0.0.1:${portOf(server)}`];
  try {
    const paged = await runInProcess(["budgets", "list", "--json", ...base]);
    expect(JSON.parse(paged.stdout)).toEqual(budgets);
    expect(asked).toEqual([1, 2, 3].map((page) => `/budget/list?page=${page}&page_size=500`));
    knowsPages = false;
    const whole = await runInProcess(["budgets", "list", "--json", ...base]);
    expect(JSON.parse(whole.stdout)).toEqual(budgets.slice(0, 500));
  } finally {
    server.close();
  }
});

describe("what is wrong is said before anything is sent", () => {
  it.each([
    [["keys", "generate", "--duration", "90"], "--duration wants a whole number and a unit"],
    [["keys", "generate", "--max_budget", "-1"], "--max_budget"],
    [["keys", "generate", "--max_budget", "1e3"], "--max_budget wants US dollars"],
    [["teams", "new", "a", "--max_budget", "9000001"], "--max_budget wants US dollars"],
    [["teams", "new", "a", "--budget_duration", "30m"], "--budget_duration wants an hour or more"],
    [["teams", "new", "a", "--budget_time_zone", "Mars/Olympus"], "--budget_time_zone wants the IANA name"],
    [["teams", "new", "a", "--rpm_limit", "1.5"], "--rpm_limit wants a whole number"],
    [["teams", "new", "a", "--metadata", "[1]"], "--metadata wants a JSON object"],
    [["teams", "new", "a", "b"], "one TEAM"],
    [["teams", "info"], "teams info wants TEAM"],
    [["teams", "info", " "], "TEAM must not be empty"],
    [["teams", "update", "a"], "wants what is to be changed: --alias"],
    [["teams", "update", "a", "--clear", "budgget"], "--clear wants some of: alias"],
    [["teams", "update", "a", "--clear", "models", "--models", "b"], "--clear takes models away"],
    [["users", "new", "a", "--role", "king"], "--role wants proxy_admin"],
    [["keys", "block"], "keys block wants KEY or --alias"],
    [["keys", "block", "a", "--alias", "b"], "takes one KEY"],
    [["keys", "list", "--json", "--csv"], "give one"],
    [["spend", "logs", "--start_date", "yesterday"], "2026-11-27"],
    [["teams", "lst"], "did you mean list?"],
    [["teams"], "teams wants one of its commands: list, info, new"],
  ])("%j", async (args, said) => {
    const base = args.length > 1 && args[1] !== "lst" ? ["--api_base", "http://127.0.0.1:9"] : [];
    const { code, stdout, stderr } = await runInProcess([...args, ...base]);
    expect(stderr).toContain(said);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("tells a key of the configuration from one of a database", async () => {
    const { stdout } = await runInProcess(["keys", "--help"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("keys create Create a key for the configuration");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("keys generate Make a key in the database of a running proxy");
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address.port;
}
