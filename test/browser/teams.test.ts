import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import pg from "pg";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../support/postgresql-server.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { eventually, expectNothingBut, lowContrasts, violations, wholePage } from "./page-steps.ts";
import {
  drawn,
  focused,
  goTo,
  layoutShift,
  makeKey,
  manage,
  masterKey,
  openTeams,
  rerankWith,
  showSection,
  widthOf,
} from "./teams-steps.ts";

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const wide = { viewport: { width: 1240, height: 900 } };

/** One server, one browser and one proxy for all of it; each test makes what it looks at, under names of its own. */
describe("the page of teams", needs("chromium", "postgresql"), () => {
  const stack = new AsyncDisposableStack();
  let browser: Browser;
  let server: PostgresqlServer;
  let upstream: Simulator;
  let database: string;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    [browser, server, upstream] = await Promise.all([launchBrowser(), startPostgresqlServer(), startSimulator()]);
    stack.defer(() => browser.close());
    stack.use(server);
    stack.use(upstream);
    database = await server.createDatabase();
    const folder = stack.use(
      await createFolder({
        "config.yaml": `
model_list:
  - model_name: reranker
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}" }
    model_info: { input_cost_per_query: 0.25 }
  - model_name: "<b>bold</b>"
    dheera_ai_params: { model: bm25/default }
general_settings:
  master_key: ${masterKey}
  database_url: "${database}"
  allowed_private_networks: ["127.0.0.0/8"]
`,
      }),
    );
    proxy = await startProxy(`${folder.path}/config.yaml`, { DHEERA_AI_SALT_KEY: "a-key-of-the-tests-0123456789" });
    stack.defer(async () => void (await proxy.stop()));
  });
  afterAll(() => stack.disposeAsync());

  /** Rows that the API would take long to make, or would refuse. */
  async function insert(statement: string, values: readonly unknown[] = []): Promise<void> {
    const client = new pg.Client(database);
    await client.connect();
    try {
      await client.query(statement, [...values]);
    } finally {
      await client.end();
    }
  }

  it("hands a key to a team: made, copied once, used, limited, blocked, rotated and deleted", async () => {
    await using tab = await openTeams(browser, proxy, {
      options: { ...wide, permissions: ["clipboard-read", "clipboard-write"] },
    });
    const { page } = tab;
    await eventually(() => page.locator(".empty").innerText()).toContain("Send a request with a key");

    await showSection(page, "Teams");
    await eventually(() => page.locator(".empty").innerText()).toContain("No team yet");
    await page.getByRole("button", { name: "New team" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill("Research");
    await page.getByLabel("Id", { exact: true }).fill("research");
    await page.getByLabel("Budget, US dollars").fill("5");
    await page.getByLabel("Begins anew").selectOption("each calendar month");
    await page.getByRole("button", { name: "Make the team" }).click();
    await eventually(() => page.locator("h1").innerText()).toBe("Research");
    await eventually(() => page.locator("#news").innerText()).toBe("The team is made.");

    await page.getByRole("button", { name: "New key" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill("nightly job");
    await page.getByLabel("Budget, US dollars").fill("2");
    await page.getByLabel("Where a server is busy, it gets").selectOption("only what no other key wants");
    await page.getByRole("button", { name: "Make the key" }).click();
    const shown = page.locator("code.secret");
    await shown.waitFor();
    const key = await shown.innerText();
    expect(key).toMatch(/^sk-/);
    await page.getByRole("button", { name: "Copy" }).click();
    await eventually(() => page.evaluate(() => navigator.clipboard.readText())).toBe(key);
    // Only its button closes it: a key that went by is lost.
    await page.keyboard.press("Escape");
    expect(await shown.isVisible()).toBe(true);
    expect(await page.getByRole("dialog").evaluate((one) => one.contains(document.activeElement))).toBe(true);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "I have it" }).click();
    await eventually(() => page.locator("body").innerText()).not.toContain(key);

    expect(await rerankWith(proxy, key)).toBe(200);
    await page.getByRole("link", { name: "nightly job" }).first().click();
    await eventually(async () => {
      await page.reload();
      await drawn(page);
      return page.locator(".facts").innerText();
    }).toContain("$0.25 of $2.00");
    expect(await page.locator(".facts").innerText()).toContain("only what no other key wants");
    expect(await page.getByRole("link", { name: "Research" }).count()).toBe(1);

    await page.getByRole("button", { name: "Change" }).click();
    await page.getByLabel("Budget, US dollars").fill("0.25");
    await page.getByRole("button", { name: "Save" }).click();
    await eventually(() => page.locator(".facts").innerText()).toContain("budget spent");
    await eventually(() => focused(page)).toBe("Change");
    await eventually(() => rerankWith(proxy, key)).not.toBe(200);
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByLabel("Budget, US dollars").fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await eventually(() => page.locator(".facts").innerText()).toContain("no budget");
    await eventually(() => rerankWith(proxy, key)).toBe(200);

    await page.getByRole("button", { name: "Block", exact: true }).click();
    // Who changes their mind is where they were.
    await page.keyboard.press("Escape");
    await eventually(() => focused(page)).toBe("Block");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Block the key" }).click();
    await eventually(() => page.locator(".facts").innerText()).toContain("blocked");
    await eventually(() => focused(page)).toBe("Let in again");
    await eventually(() => rerankWith(proxy, key)).toBe(403);
    await page.getByRole("button", { name: "Let in again" }).click();
    await eventually(() => page.locator(".facts").innerText()).toContain("active");
    await eventually(() => rerankWith(proxy, key)).toBe(200);

    await page.getByRole("button", { name: "Rotate" }).click();
    await page.getByLabel("The old key is let in for").selectOption("no longer");
    await page.getByRole("button", { name: "Make a new key" }).click();
    await shown.waitFor();
    const next = await shown.innerText();
    expect(next).not.toBe(key);
    await page.getByRole("button", { name: "I have it" }).click();
    await eventually(() => page.locator("#news").innerText()).toBe("The key is rotated.");
    await eventually(() => rerankWith(proxy, key)).toBe(401);
    expect(await rerankWith(proxy, next)).toBe(200);

    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete the key" }).click();
    await eventually(() => page.locator(".empty").innerText()).toContain("No key yet");
    await eventually(() => rerankWith(proxy, next)).toBe(401);

    await showSection(page, "Changes");
    const changes = await page.locator("tbody").innerText();
    for (const action of ["created team", "created key", "blocked key", "rotated key", "deleted key"])
      expect(changes).toContain(action);
    expect(changes).not.toContain(key);
    expectNothingBut(tab, proxy);
  });

  it("says what to set where there is no database", async () => {
    await using folder = await createFolder({
      "config.yaml": "model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]",
    });
    const alone = await startProxy(`${folder.path}/config.yaml`);
    try {
      // A slash at the end, as LiteLLM's address has it.
      await using tab = await openPage(browser, `${alone.url}/ui/`);
      await eventually(() => tab.page.locator("#content").innerText()).toContain("general_settings.database_url");
      expect(tab.page.url()).toBe(`${alone.url}/ui`);
      expect(await violations(tab.page)).toEqual([]);
      expectNothingBut(tab, alone);
    } finally {
      await alone.stop();
    }
  });

  it("lets nobody in with a wrong key, and keeps no key in the browser", async () => {
    await using tab = await openPage(browser, `${proxy.url}/ui#/keys`, wide);
    const { page, context } = tab;
    const field = page.getByLabel("Key", { exact: true });
    await eventually(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.keyboard.type("sk-not-the-key-123456");
    await page.keyboard.press("Enter");
    await eventually(() => page.getByRole("alert").filter({ visible: true }).innerText()).toContain(
      "The proxy knows no such key",
    );
    expect(await violations(page)).toEqual([]);
    await field.fill(masterKey);
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("h1").innerText()).toBe("Keys");
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    expect(kept).not.toContain(masterKey);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
    expect(cookie?.value).not.toContain(masterKey);

    await page.getByRole("button", { name: "Sign out" }).click();
    await field.waitFor();
    await page.reload();
    await field.waitFor();
    expectNothingBut(tab, proxy);
  });

  it("adds members to a team, limits them, and deletes the team only for who types its id", async () => {
    await manage(proxy, "team/new", { team_id: "laboratory", team_alias: "Laboratory" });
    await manage(proxy, "user/new", { user_id: "ada", user_email: "ada@example.org", auto_create_key: false });
    await using tab = await openTeams(browser, proxy, { at: "#/teams/laboratory", options: wide });
    const { page } = tab;
    await page.getByRole("button", { name: "Add a member" }).click();
    await page.getByRole("dialog").getByLabel("User").fill("ada");
    await page.getByLabel("Budget in the team, US dollars").fill("1.5");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    const members = page.getByRole("table", { name: "Members" });
    await eventually(() => members.innerText()).toContain("$0 of $1.50");
    const key = await makeKey(proxy, { key_alias: "of ada in the laboratory", user_id: "ada", team_id: "laboratory" });
    expect(await rerankWith(proxy, key)).toBe(200);
    await eventually(async () => {
      await page.reload();
      await drawn(page);
      return members.innerText();
    }).toContain("$0.25 of $1.50");
    await page.getByRole("button", { name: "Change ada" }).click();
    await page.getByLabel("Role").selectOption("Manages its keys and members");
    await page.getByRole("button", { name: "Save" }).click();
    await eventually(() => members.innerText()).toContain("Manages its keys and members");
    await eventually(() => focused(page)).toBe("Change ada");
    await page.getByRole("button", { name: "Remove ada" }).click();
    await page.getByRole("button", { name: "Remove the member" }).click();
    await eventually(() => page.locator("#content").innerText()).toContain("No member yet");

    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByLabel("Type its id to go on").fill("reserch");
    await page.getByRole("button", { name: "Delete the team and its keys" }).click();
    await eventually(() => page.getByRole("dialog").getByRole("alert").innerText()).toContain("That is not its id");
    await page.getByLabel("Type its id to go on").fill("laboratory");
    expect(await focused(page)).toBe("Type its id to go on");
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("#news").innerText()).toBe("The team is deleted.");
    await eventually(() => focused(page)).toBe("Teams");
    expectNothingBut(tab, proxy);
  });

  it("makes an organization with teams and limits that its teams share, changes it, and deletes it with them", async () => {
    await using tab = await openTeams(browser, proxy, { at: "#/organizations", options: wide });
    const { page } = tab;
    await eventually(() => page.locator(".empty").innerText()).toContain("No organization yet");
    await page.getByRole("button", { name: "New organization" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Europe");
    await dialog.getByLabel("Id", { exact: true }).fill("europe");
    await dialog.getByLabel("Budget, US dollars").fill("1");
    await page.getByRole("button", { name: "Make the organization" }).click();
    await eventually(() => page.locator("h1").innerText()).toBe("Europe");

    await page.getByRole("button", { name: "New team" }).first().click();
    await dialog.getByLabel("Name").fill("Sales");
    await dialog.getByLabel("Id", { exact: true }).fill("sales");
    expect(await dialog.getByLabel("Organization").inputValue()).toBe("europe");
    await page.getByRole("button", { name: "Make the team" }).click();
    await eventually(() => page.locator("h1").innerText()).toBe("Sales");
    await eventually(() => page.locator(".facts").innerText()).toContain("europe");
    const key = await makeKey(proxy, { key_alias: "of sales", team_id: "sales" });
    expect(await rerankWith(proxy, key)).toBe(200);
    await page.getByRole("link", { name: "europe" }).click();
    await eventually(async () => {
      await page.reload();
      await drawn(page);
      return page.locator("#content").innerText();
    }).toContain("$0.25 of $1.00");
    // What was served for its teams is in its charts.
    await eventually(async () => {
      await page.reload();
      await drawn(page);
      return page.locator(".chart").first().innerText();
    }).toContain("$0.25");
    expect(await page.getByRole("table", { name: "teams" }).innerText()).toContain("Sales");

    await page.getByRole("button", { name: "Change" }).click();
    await dialog.getByLabel("Budget, US dollars").fill("0.25");
    await page.getByRole("button", { name: "Save" }).click();
    await eventually(() => page.locator(".facts").innerText()).toContain("spent");
    await eventually(() => focused(page)).toBe("Change");
    await eventually(() => rerankWith(proxy, key)).not.toBe(200);

    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByLabel("Type its id to go on").fill("europe");
    await page.getByRole("button", { name: "Delete it with its teams" }).click();
    await eventually(() => page.locator("#content").innerText()).toContain("No organization yet");
    await eventually(() => rerankWith(proxy, key)).toBe(401);
    expectNothingBut(tab, proxy);
  });

  it("adds members to an organization, makes one its admin, who manages it alone, and removes them", async () => {
    await manage(proxy, "organization/new", { organization_id: "asia", organization_alias: "Asia" });
    await manage(proxy, "organization/new", { organization_id: "africa" });
    await manage(proxy, "team/new", { team_id: "tokyo", team_alias: "Tokyo", organization_id: "asia" });
    await manage(proxy, "user/new", { user_id: "kenji", auto_create_key: false });
    const { key: ofMika } = await manage(proxy, "user/new", { user_id: "mika", user_email: "mika@example.org" });
    await using tab = await openTeams(browser, proxy, { at: "#/organizations/asia", options: wide });
    const { page } = tab;
    const part = page.getByRole("region", { name: "Members of the organization" });
    const dialog = page.getByRole("dialog");
    expect(await part.innerText()).toContain("No member yet");
    await part.getByRole("button", { name: "Add a member" }).focus();
    await page.keyboard.press("Enter");
    await eventually(() => focused(page)).toBe("User");
    await page.keyboard.type("mika");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type("2.5");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    const members = page.getByRole("table", { name: "Members" });
    await eventually(() => members.innerText()).toContain("$0 of $2.50");
    expect(await members.innerText()).toContain("mika@example.org");
    await page.getByRole("button", { name: "Change mika" }).click();
    await dialog.getByLabel("Role").selectOption("Manages its members and teams");
    await page.getByRole("button", { name: "Save" }).click();
    await eventually(() => members.innerText()).toContain("Manages its members and teams");
    await eventually(() => focused(page)).toBe("Change mika");
    expectNothingBut(tab, proxy);

    // Whoever manages it alone, on a phone in the dark.
    const options = { ...phone, colorScheme: "dark" as const };
    await using own = await openTeams(browser, proxy, { key: String(ofMika), options });
    await showSection(own.page, "Organizations");
    expect(await own.page.locator("#content").innerText()).not.toContain("africa");
    await own.page.getByRole("link", { name: "Asia" }).click();
    await eventually(() => own.page.locator("h1").innerText()).toBe("Asia");
    expect(await own.page.locator("#content").innerText()).toContain("Tokyo");
    expect(await own.page.getByRole("button", { name: "Delete" }).count()).toBe(0);
    expect(await violations(own.page)).toEqual([]);
    expect(await lowContrasts(own.page)).toEqual([]);
    expect(await widthOf(own.page)).toBeLessThanOrEqual(phone.viewport.width);
    await own.page.getByRole("button", { name: "Add a member" }).click();
    await own.page.getByRole("dialog").getByLabel("User").fill("nobody");
    await own.page.keyboard.press("Enter");
    await eventually(() => own.page.getByRole("dialog").getByRole("alert").innerText()).toContain("this user");
    await own.page.getByRole("dialog").getByLabel("User").fill("kenji");
    await own.page.keyboard.press("Enter");
    await eventually(() => own.page.getByRole("table", { name: "Members" }).innerText()).toContain("kenji");
    await own.page.getByRole("button", { name: "Remove kenji" }).click();
    expect(await violations(own.page)).toEqual([]);
    await own.page.getByRole("button", { name: "Remove the member" }).click();
    await eventually(() => own.page.locator("#news").innerText()).toBe("The member is removed.");
    expect(await own.page.getByRole("table", { name: "Members" }).innerText()).not.toContain("kenji");
    expectNothingBut(own, proxy);
    await manage(proxy, "team/delete", { team_ids: ["tokyo"] });
  });

  it("finds one of many members of an organization and of a team, and turns pages", async () => {
    await manage(proxy, "organization/new", { organization_id: "crowd" });
    await manage(proxy, "team/new", { team_id: "crowd", organization_id: "crowd" });
    const member = Array.from({ length: 60 }, (_, index) => ({ user_id: `one of the crowd ${100 + index}` }));
    await manage(proxy, "organization/member_add", { organization_id: "crowd", member });
    const ofTeam = member.map(({ user_id }) => ({ user_id, role: "user" }));
    await manage(proxy, "team/member_add", { team_id: "crowd", member: ofTeam });
    await using tab = await openTeams(browser, proxy, { options: wide });
    const { page } = tab;
    for (const at of ["organizations/crowd", "teams/crowd"]) {
      await goTo(page, proxy, at);
      const members = page.getByRole("table", { name: "members" });
      expect(await members.locator("tbody tr").count()).toBe(25);
      await page.getByRole("navigation", { name: "Pages of members" }).getByText("Next page").click();
      await eventually(() => members.innerText()).toContain("one of the crowd 125");
      await page.getByLabel("Search among members").fill("crowd 159");
      await eventually(() => members.locator("tbody tr").count()).toBe(1);
      expect(await violations(page)).toEqual([]);
    }
    expectNothingBut(tab, proxy);
  });

  it("makes a budget that keys get, which changes them all", async () => {
    await using tab = await openTeams(browser, proxy, { at: "#/budgets", options: wide });
    const { page } = tab;
    const dialog = page.getByRole("dialog");
    await eventually(() => page.locator(".empty").innerText()).toContain("No budget yet");
    await page.getByRole("button", { name: "New budget" }).first().click();
    await dialog.getByLabel("Id", { exact: true }).fill("trial");
    await dialog.getByLabel("Budget, US dollars").fill("1");
    await page.locator("summary", { hasText: "More limits" }).click();
    await dialog.getByLabel("Requests a minute").fill("60");
    await page.getByRole("button", { name: "Make the budget" }).click();
    const row = page.locator("tbody tr").filter({ hasText: "trial" });
    await eventually(() => row.innerText()).toContain("$1.00");

    await showSection(page, "Keys");
    await page.getByRole("button", { name: "New key" }).first().click();
    await dialog.getByLabel("Name").fill("of a trial");
    await page.locator("summary", { hasText: "More limits" }).click();
    await dialog.getByLabel("What is left empty is as in the budget").selectOption("trial");
    await page.getByRole("button", { name: "Make the key" }).click();
    const key = await page.locator("code.secret").innerText();
    await page.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("link", { name: "of a trial" }).click();
    await eventually(() => page.locator(".facts").innerText()).toContain("trial");
    expect(await rerankWith(proxy, key)).toBe(200);

    await showSection(page, "Budgets");
    await page.getByRole("button", { name: "Change trial" }).click();
    await dialog.getByLabel("Budget, US dollars").fill("0.1");
    await page.getByRole("button", { name: "Save" }).click();
    await eventually(() => row.innerText()).toContain("$0.1");
    await eventually(() => focused(page)).toBe("Change trial");
    await eventually(() => rerankWith(proxy, key)).not.toBe(200);
    await page.getByRole("button", { name: "Delete trial" }).click();
    await page.getByRole("button", { name: "Delete the budget" }).click();
    await eventually(() => dialog.getByRole("alert").innerText()).toContain("trial is in use by keys");
    await manage(proxy, "key/delete", { keys: [key] });
    await page.getByRole("button", { name: "Delete the budget" }).click();
    await eventually(() => page.locator("#content").innerText()).toContain("No budget yet");
    expectNothingBut(tab, proxy);
  });

  it("adds a model, says at the field what is wrong with it, changes it without its key, and deletes it", async () => {
    const secret = "hf_a_key_that_nobody_sees_again";
    await using tab = await openTeams(browser, proxy, { at: "#/models", options: wide });
    const { page } = tab;
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "New model" }).click();
    await dialog.getByLabel("Name").fill("added");
    await dialog.getByLabel("Provider and model").fill("huggingface/BAAI/bge-reranker-base");
    await dialog.getByLabel("Address of its server").fill("http://169.254.169.254/latest");
    await dialog.getByLabel("Key for the provider").fill(secret);
    await dialog.getByLabel("US dollars a query").fill("0.5");
    await page.getByRole("button", { name: "Add the model" }).click();
    // The keyboard and the words are where it is to be mended, and what was typed stays.
    await eventually(() => focused(page)).toBe("Address of its server");
    const address = dialog.getByLabel("Address of its server");
    expect(await address.getAttribute("aria-invalid")).toBe("true");
    await eventually(() => dialog.getByRole("alert").innerText()).toContain("api_base");
    expect(await violations(page)).toEqual([]);
    await address.fill(upstream.url);
    await page.keyboard.press("Enter");
    const row = page.locator("tbody tr").filter({ hasText: "added" });
    await eventually(() => row.innerText()).toContain("huggingface/BAAI/bge-reranker-base");
    await eventually(() => focused(page)).toBe("New model");
    const key = await makeKey(proxy, { key_alias: "for the added model", models: ["added"] });
    await eventually(() => rerankWith(proxy, key, "added")).toBe(200);

    await page.reload();
    await drawn(page);
    await row.getByRole("button", { name: /^Change/ }).click();
    expect(await dialog.getByLabel("Key for the provider").inputValue()).toBe("");
    expect(await dialog.getByLabel("US dollars a query").inputValue()).toBe("0.5");
    await dialog.getByLabel("US dollars a query").fill("0.75");
    await page.getByRole("button", { name: "Save" }).click();
    await eventually(() => page.locator("#news").innerText()).toContain("The deployment is changed.");
    await eventually(() => rerankWith(proxy, key, "added")).toBe(200);
    expect(await page.content()).not.toContain(secret);
    expect(JSON.stringify(await manage(proxy, "audit"))).not.toContain(secret);

    await row.getByRole("button", { name: /^Delete/ }).click();
    await page.getByRole("button", { name: "Delete the deployment" }).click();
    await eventually(() => row.count()).toBe(0);
    expect(await page.locator("tbody").innerText()).toContain("in the file");
    expectNothingBut(tab, proxy);
  });

  it("makes a webhook whose secret is shown once, tests it, turns it off, and says what became of deliveries", async () => {
    const received: string[] = [];
    const receiver = createServer((request, response) => {
      received.push(String(request.headers["webhook-signature"]));
      request.resume().on("end", () => response.writeHead(received.length > 1 ? 500 : 204).end());
    });
    await new Promise<void>((resolve) => void receiver.listen(0, "127.0.0.1", () => resolve()));
    try {
      const { port } = receiver.address() as AddressInfo;
      await using tab = await openTeams(browser, proxy, { at: "#/webhooks", options: wide });
      const { page } = tab;
      const dialog = page.getByRole("dialog");
      await eventually(() => page.locator(".empty").innerText()).toContain("No webhook yet");
      await page.getByRole("button", { name: "New webhook" }).click();
      await dialog.getByLabel("Address").fill("http://169.254.169.254/");
      await dialog.getByLabel("Id", { exact: true }).fill("on call");
      await dialog.getByLabel("a budget is spent").check();
      await page.getByRole("button", { name: "Make the webhook" }).click();
      await eventually(() => focused(page)).toBe("Address");
      await dialog.getByLabel("Address").fill(`http://127.0.0.1:${port}/told?token=hidden`);
      await page.keyboard.press("Enter");
      const secret = await page.locator("code.secret").innerText();
      expect(secret).toMatch(/^whsec_/);
      await page.getByRole("button", { name: "I have it" }).click();
      const row = page.getByRole("table", { name: "Webhooks" }).locator("tbody tr");
      await eventually(() => row.innerText()).toContain("a budget is spent");
      expect(await page.content()).not.toContain("hidden");
      expect(await page.content()).not.toContain(secret);

      await page.getByRole("button", { name: "Test on call" }).click();
      await eventually(() => page.locator("#news").innerText()).toBe("on call took the test.");
      await eventually(() => focused(page)).toBe("Test on call");
      expect(received).toEqual([expect.stringMatching(/^v1,/)]);
      const deliveries = page.getByRole("table", { name: "deliveries" });
      await eventually(() => deliveries.innerText()).toContain("delivered");
      await page.getByRole("button", { name: "Test on call" }).click();
      await eventually(() => page.locator("#news").innerText()).toContain("on call did not take the test: ");
      expect(await violations(page)).toEqual([]);

      await page.getByRole("button", { name: "Turn off on call" }).click();
      await eventually(() => row.innerText()).toContain("off");
      await eventually(() => focused(page)).toBe("Turn on on call");
      await page.getByRole("button", { name: "New secret on call" }).click();
      await page.getByRole("button", { name: "Make a new secret" }).click();
      expect(await page.locator("code.secret").innerText()).not.toBe(secret);
      await page.getByRole("button", { name: "I have it" }).click();
      await page.getByRole("button", { name: "Delete on call" }).click();
      await page.getByRole("button", { name: "Delete the webhook" }).click();
      await eventually(() => page.locator("#content").innerText()).toContain("No webhook yet");
      expectNothingBut(tab, proxy);
    } finally {
      receiver.close();
    }
  });

  it("narrows changes to what they are of and to days, and keeps that in the address", async () => {
    await manage(proxy, "budget/new", { budget_id: "of the log", max_budget: 3 });
    await using tab = await openTeams(browser, proxy, { at: "#/audit", options: wide });
    const { page } = tab;
    await page.getByRole("combobox", { name: "Of", exact: true }).selectOption("budgets");
    const rows = page.locator("tbody tr");
    await eventually(async () => (await rows.allInnerTexts()).every((text) => text.includes("budget"))).toBe(true);
    await page.getByLabel("Search by who").fill("of the log");
    await eventually(() => rows.count()).toBe(1);
    await page.reload();
    await drawn(page);
    expect(await rows.count()).toBe(1);
    await rows.getByText(/field/).click();
    expect(await rows.innerText()).toContain("max_budget");
    await page.getByLabel("To").fill("2020-01-01");
    await eventually(() => page.locator(".find [role=status]").innerText()).toContain("No change is like that");
    await manage(proxy, "budget/delete", { id: "of the log" });
    expectNothingBut(tab, proxy);
  });

  it("finds one of a thousand keys by a part of its name, and turns pages", async () => {
    await insert(`insert into dheera_keys (key_hash, key_id, key_name, key_alias, budget_since, metadata, tags, blocked, read_metrics, created_at, created_by, updated_at, updated_by)
      select md5(n::text) || md5((n + 1000)::text), md5(n::text) || md5((n + 1000)::text), 'sk-...' || n, 'service ' || n || ' of all', 0, '{}', '[]', 0, 0, n, 'master', n, 'master' from generate_series(1, 1000) n`);
    await using tab = await openTeams(browser, proxy, { at: "#/keys?search=of all", options: wide });
    const { page } = tab;
    await eventually(() => page.locator(".pager span").innerText()).toBe("1–25 of 1,000");
    expect(await page.locator("tbody tr").count()).toBe(25);
    await page.getByRole("button", { name: "Next page" }).focus();
    await page.keyboard.press("Enter");
    await eventually(() => page.locator(".pager span").innerText()).toBe("26–50 of 1,000");
    expect(await focused(page)).toBe("Next page");
    await page.reload();
    await eventually(() => page.locator(".pager span").innerText()).toBe("26–50 of 1,000");
    // A page asks for what it shows, however much there is.
    expect(tab.requests.filter((url) => url.includes("key/list")).every((url) => url.includes("size=25"))).toBe(true);
    await page.getByLabel("Search by name").fill("SERVICE 717");
    await eventually(() => page.locator("tbody tr").count()).toBe(1);
    expect(await page.locator(".find [role=status]").innerText()).toBe("1 key");
    await page.getByRole("link", { name: "service 717 of all" }).click();
    await eventually(() => page.locator("h1").innerText()).toBe("service 717 of all");
    await page.goBack();
    await eventually(() => page.getByLabel("Search by name").inputValue()).toBe("SERVICE 717");
    await page.getByLabel("Search by name").fill("nobody");
    await eventually(() => page.locator(".find [role=status]").innerText()).toContain("No key is called so");
    expectNothingBut(tab, proxy);
    await insert("delete from dheera_keys where key_alias like 'service % of all'");
  });

  it("shows who is no administrator their own usage and keys, and nothing of others", async () => {
    await manage(proxy, "team/new", { team_id: "library", team_alias: "Library" });
    await manage(proxy, "user/new", { user_id: "lin", user_role: "internal_user", auto_create_key: false });
    await manage(proxy, "team/member_add", { team_id: "library", member: { user_id: "lin", role: "user" } });
    const key = await makeKey(proxy, { key_alias: "of lin", user_id: "lin" });
    const other = await makeKey(proxy, { key_alias: "of somebody else" });
    expect(await rerankWith(proxy, key)).toBe(200);
    for (let round = 0; round < 3; round++) expect(await rerankWith(proxy, other)).toBe(200);
    await using tab = await openTeams(browser, proxy, { key, options: wide });
    const { page } = tab;
    expect(await page.locator("#sections a").allInnerTexts()).toEqual(["Overview", "Keys", "Teams"]);
    await eventually(async () => {
      await page.reload();
      await drawn(page);
      return page.locator(".chart").first().innerText();
    }).toContain("$0.25");
    expect(await page.locator("h1").innerText()).toBe("Your usage");
    expect(await page.locator("#content").innerText()).not.toContain("of somebody else");
    await showSection(page, "Keys");
    await eventually(() => page.locator("tbody").innerText()).toContain("of lin");
    expect(await page.locator("tbody tr").count()).toBe(1);

    await page.getByRole("button", { name: "New key" }).first().click();
    expect(await page.getByRole("dialog").getByLabel("User").count()).toBe(0);
    await page.getByRole("dialog").getByLabel("Name").fill("another of lin");
    await page.getByLabel("Team").selectOption("Library");
    await page.getByRole("button", { name: "Make the key" }).click();
    await page.getByRole("button", { name: "I have it" }).click();
    await eventually(() => page.locator("tbody tr").count()).toBe(2);

    await page.goto(`${proxy.url}/ui#/users`);
    await eventually(() => page.getByRole("alert").filter({ visible: true }).innerText()).toContain(
      "ask a proxy admin",
    );
    expectNothingBut(tab, proxy);
  });

  it("says what to do when the proxy cannot be reached, and goes on when it can", async () => {
    await using tab = await openTeams(browser, proxy, { options: wide });
    const { page } = tab;
    await page.route("**/key/list*", (route) => route.abort());
    await showSection(page, "Keys");
    await eventually(() => page.getByRole("alert").filter({ visible: true }).innerText()).toContain(
      "See whether you are online",
    );
    await page.unroute("**/key/list*");
    await page.getByRole("button", { name: "Try again" }).click();
    await eventually(() => page.getByRole("table", { name: "keys" }).count()).toBe(1);

    // A refusal of the form stays in the form, with what was typed.
    await makeKey(proxy, { key_alias: "taken" });
    await page.getByRole("button", { name: "New key" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill("taken");
    await page.getByRole("button", { name: "Make the key" }).click();
    await eventually(() => page.getByRole("dialog").getByRole("alert").innerText()).toContain("taken");
    expect(await page.getByRole("dialog").getByLabel("Name").inputValue()).toBe("taken");
    await page.keyboard.press("Escape");

    expect(tab.problems).toEqual([]);
  });

  it("shows what was served by team, key, model and provider over the time that is chosen", async () => {
    await insert(
      `insert into dheera_spend_days (day, key_hash, team_id, user_id, organization_id, model, provider, requests, errors, cost, saved_cost)
       values ($1, 'a-key-of-then', 'a-team-of-then', '', '', 'a-model-of-then', 'a-provider-of-then', 12, 3, 7000000000, 2000000000)`,
      [new Date(Date.now() - 60 * 86_400_000).toISOString().slice(0, 10)],
    );
    await using tab = await openTeams(browser, proxy, { options: wide });
    const { page } = tab;
    expect(await page.locator("#content").innerText()).not.toContain("a-team-of-then");
    expect(await page.locator("#content").innerText()).toContain("Days begin at 0:00 UTC");
    await page.getByRole("radio", { name: "13 weeks" }).check();
    for (const [by, name] of [
      ["By team", "a-team-of-then"],
      ["By key", "a-key-of-then"],
      ["By model", "a-model-of-then"],
      ["By provider", "a-provider-of-then"],
    ] as const) {
      const row = page.getByRole("table", { name: by }).locator("tr").filter({ hasText: name });
      await eventually(() => row.innerText()).toMatch(/\$7\.00\s+12\s+3\s+\$2\.00/);
    }
    await page.getByRole("link", { name: /deployments?, all well/ }).click();
    await eventually(() => page.locator("h1").innerText()).toBe("Models and deployments");
    expectNothingBut(tab, proxy);
  });

  it("shows days of the reader's own time zone where that is chosen, and keeps it in the address", async () => {
    const key = await makeKey(proxy, { key_alias: "of another zone" });
    expect(await rerankWith(proxy, key)).toBe(200);
    const options = { ...phone, timezoneId: "Asia/Tokyo", colorScheme: "dark" as const };
    await using tab = await openTeams(browser, proxy, { at: "#/overview", options });
    const { page } = tab;
    const zone = page.getByLabel("Days begin at 0:00 in");
    expect(await zone.inputValue()).toBe("UTC");
    const asked = page.waitForRequest(/daily\/activity.*timezone=Asia%2FTokyo/);
    await zone.selectOption("Asia/Tokyo");
    await asked;
    await eventually(() => Promise.resolve(page.url())).toContain("zone=Asia%2FTokyo");
    await eventually(() => page.locator(".usage").getAttribute("aria-busy")).toBeNull();
    expect(await violations(page)).toEqual([]);
    expect(await lowContrasts(page)).toEqual([]);
    expect(await widthOf(page)).toBeLessThanOrEqual(phone.viewport.width);
    await page.reload();
    await drawn(page);
    expect(await zone.inputValue()).toBe("Asia/Tokyo");
    await eventually(async () => {
      await page.reload();
      await drawn(page);
      return page.locator("#content").innerText();
    }).toContain("of another zone");
    expectNothingBut(tab, proxy);
  });

  it("goes on where somebody was when their session ended, and tells tabs of two people apart", async () => {
    await manage(proxy, "user/new", { user_id: "tia", user_role: "internal_user", auto_create_key: false });
    const key = await makeKey(proxy, { key_alias: "of tia", user_id: "tia" });
    await using tab = await openTeams(browser, proxy, { at: "#/teams", options: wide });
    const { page, context } = tab;
    await page.getByRole("button", { name: "New team" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill("a name that was typed");
    await context.clearCookies();
    await page.getByRole("button", { name: "Make the team" }).click();
    await eventually(() => page.getByRole("dialog").getByRole("alert").innerText()).toContain("You are signed out");
    await page.keyboard.press("Escape");
    await eventually(() => focused(page)).toBe("Key");
    await page.keyboard.type(masterKey);
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("h1").innerText()).toBe("Teams");

    // In another tab of the same browser somebody else signs in, while a form of the first is open.
    await page.getByRole("button", { name: "New team" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill("of the master");
    const second = await context.newPage();
    await second.goto(`${proxy.url}/ui`);
    await second.getByRole("button", { name: "Sign out" }).click();
    await second.getByLabel("Key", { exact: true }).fill(key);
    await second.getByRole("button", { name: "Sign in with the key" }).click();
    await eventually(() => second.locator("#person").innerText()).toBe("tia");
    await page.getByRole("button", { name: "Make the team" }).click();
    await eventually(() => page.locator("#problem").innerText()).toContain("You are signed in as tia now");
    expect(await page.locator("#person").innerText()).toBe("tia");
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(JSON.stringify(await manage(proxy, "team/list"))).not.toContain("of the master");
    expect(tab.problems).toEqual([]);
  });

  it("lets pages of others change nothing in the name of who is signed in", async () => {
    await using tab = await openTeams(browser, proxy, { options: wide });
    const foreign = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>Elsewhere</title>");
    });
    await new Promise<void>((resolve) => void foreign.listen(0, "127.0.0.1", () => resolve()));
    try {
      const page = await tab.context.newPage();
      const { port } = foreign.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}`);
      const send = (mode: "cors" | "no-cors"): Promise<string> =>
        page.evaluate(
          ([url, how]) =>
            fetch(`${url}/key/generate`, {
              method: "POST",
              mode: how,
              credentials: "include",
              headers: { "content-type": "text/plain" },
              body: JSON.stringify({ key_alias: "forged" }),
            }).then(
              (response) => response.type,
              () => "refused",
            ),
          [proxy.url, mode] as const,
        );
      // Cookies go with it, because ports are no part of a site: the proxy is who refuses.
      expect(await send("no-cors")).toBe("opaque");
      expect(await send("cors")).toBe("refused");
      const status = await tab.page.evaluate(() =>
        fetch("key/generate", { method: "POST", body: "{}" }).then((one) => one.status),
      );
      expect(status).toBe(403);
      expect(JSON.stringify(await manage(proxy, "key/list?return_full_object=true&size=100"))).not.toContain("forged");
    } finally {
      foreign.close();
    }
  });

  it("shows how deployments are, and checks them", async () => {
    await using tab = await openTeams(browser, proxy, { at: "#/models", options: wide });
    const { page } = tab;
    await eventually(() => page.locator("tbody").innerText()).toContain("<b>bold</b>");
    await page.getByRole("button", { name: "Check all now" }).click();
    await eventually(() => page.getByRole("status").filter({ hasText: "deployments" }).innerText()).toBe(
      "All 2 deployments answer.",
    );
    expect(await page.locator("tbody tr").filter({ hasText: "answers" }).count()).toBe(2);
    expectNothingBut(tab, proxy);
  });

  it(
    "is accessible, still and not too wide in every section, on a phone, on a wide screen and at 200 %, whatever names are made of",
    async () => {
      await fillWithHostileNames(proxy);
      // Longer than the API lets names be: an import may bring them.
      await insert("update dheera_keys set key_alias = $1 where key_alias = $2", ["long ".repeat(100), hostile[1]]);
      const { hash } = await firstKey(proxy);
      const sections = ["overview", "keys", `keys/${hash}`, "teams", "teams/t%2F1", "users", "organizations"];
      sections.push("organizations/o", "budgets", "models", "webhooks", "audit");
      await using onPhone = await openTeams(browser, proxy, { options: { ...phone, colorScheme: "light" } });
      await using onDesk = await openTeams(browser, proxy, { options: { ...wide, colorScheme: "dark" } });
      const screens = [
        ["phone", onPhone.page, phone.viewport.width],
        ["desk", onDesk.page, wide.viewport.width],
      ] as const;
      for (const at of sections)
        for (const [name, page, width] of screens) {
          await goTo(page, proxy, at);
          // What is one in the other is so in both, but for colours.
          const found = name === "phone" ? violations(page) : lowContrasts(page);
          expect([at, name, await found]).toEqual([at, name, []]);
          expect([at, name, await layoutShift(page)]).toEqual([at, name, 0]);
          expect(await widthOf(page), `${at}, ${name}`).toBeLessThanOrEqual(width);
          if (name === "phone") continue;
          await page.setViewportSize({ width: 620, height: 450 });
          expect(await widthOf(page), `${at}, at 200 %`).toBeLessThanOrEqual(620);
          await page.setViewportSize(wide.viewport);
        }
      for (const [, page, width] of screens)
        for (const [at, opens] of [
          ["keys", "New key"],
          ["models", "New model"],
        ] as const) {
          await goTo(page, proxy, at);
          await page.getByRole("button", { name: opens }).first().click();
          if (at === "keys") await page.locator("summary", { hasText: "More limits" }).click();
          expect(await violations(page)).toEqual([]);
          expect(await widthOf(page)).toBeLessThanOrEqual(width);
          expect(await page.evaluate(() => Reflect.get(globalThis, "hacked"))).toBeUndefined();
          await page.keyboard.press("Escape");
        }
      expectNothingBut(onPhone, proxy);
      expectNothingBut(onDesk, proxy);
    },
    wholePage,
  );

  it("everything that is pressed on a phone is as high as a finger needs", async () => {
    await makeKey(proxy, { key_alias: "a key" });
    await using tab = await openTeams(browser, proxy, { at: "#/keys", options: phone });
    const { page } = tab;
    const low = (): Promise<readonly string[]> =>
      page
        .locator("button, select, input:not([type=radio], [type=checkbox]), summary, nav a, label:has([type=checkbox])")
        .filter({ visible: true })
        .evaluateAll((parts) =>
          parts.filter((part) => part.getBoundingClientRect().height < 44).map((part) => part.outerHTML),
        );
    expect(await low()).toEqual([]);
    await page.getByRole("button", { name: "New key" }).first().click();
    await page.locator("summary", { hasText: "More limits" }).click();
    expect(await low()).toEqual([]);
  });

  it("says that the database is away, and goes on when it is back", async () => {
    await using tab = await openTeams(browser, proxy, { at: "#/teams", options: wide });
    const { page } = tab;
    await server.kill();
    await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Users" }).click();
    const problem = page.getByRole("alert").filter({ visible: true });
    await eventually(() => problem.innerText()).toContain("try again in a minute");
    await server.start();
    await eventually(async () => {
      const again = page.getByRole("button", { name: "Try again" });
      if (await again.isVisible()) await again.click();
      await drawn(page);
      return page.locator("h1").innerText();
    }).toBe("Users");
    expectNothingBut(tab, proxy);
  });
});

const hostile = [
  `<img src=x onerror="globalThis.hacked = true">`,
  "w".repeat(180),
  "مفتاح الفريق <script>globalThis.hacked = true</script>",
  "‮evil‬ ﷽ 👩‍👩‍👧‍👦",
];

async function fillWithHostileNames(proxy: ProxyProcess): Promise<void> {
  await manage(proxy, "organization/new", { organization_id: "o", organization_alias: hostile[2], max_budget: 4 });
  await manage(proxy, "budget/new", { budget_id: hostile[0], max_budget: 4 });
  await manage(proxy, "webhook/new", { webhook_id: hostile[0], url: "http://127.0.0.1:9/" });
  await manage(proxy, "team/new", {
    team_id: "t/1",
    organization_id: "o",
    team_alias: hostile[0],
    max_budget: 1,
    models: ["reranker", "m".repeat(150)],
  });
  for (const [index, name] of hostile.entries()) {
    const user_id = `u${index} ${name}`;
    await manage(proxy, "user/new", { user_id, user_alias: name, auto_create_key: false });
    await manage(proxy, "team/member_add", { team_id: "t/1", member: { user_id, role: "user" } });
    const key = await makeKey(proxy, { key_alias: name, team_id: "t/1", user_id, max_budget: 0.5 });
    expect(await rerankWith(proxy, key)).toBe(200);
  }
}

async function firstKey(proxy: ProxyProcess): Promise<{ readonly hash: string }> {
  const { keys } = await manage(proxy, "key/list");
  return { hash: Array.isArray(keys) ? String(keys[0]) : "" };
}
