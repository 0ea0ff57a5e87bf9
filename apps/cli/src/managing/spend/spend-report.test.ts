import { join } from "node:path";

import { hashOfKey } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { startProxy } from "../../../../../test/support/proxy-process.ts";
import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { runInProcess } from "../../testing/run-in-process.ts";

const masterKey = "sk-master-of-this-test";
const teamKey = "sk-of-a-team-in-this-test";

it("sums what a real proxy has booked, as a table, JSON and CSV, for whoever may see it", async () => {
  await using folder = await createFolder();
  const config = `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${masterKey}, database_url: "sqlite:${join(folder.path, "teams.db")}" }
`;
  await using written = await createFolder({ "config.yaml": config });
  const proxy = await startProxy(join(written.path, "config.yaml"));
  try {
    const post = async (path: string, key: string, body: object): Promise<void> => {
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      const response = await fetch(proxy.url + path, { method: "POST", headers, body: JSON.stringify(body) });
      expect(response.status, await response.text()).toBe(200);
    };
    await post("/team/new", masterKey, { team_id: "research", team_alias: 'Research, "new"' });
    await post("/key/generate", masterKey, { team_id: "research", key_alias: "search-api", key: teamKey });
    await post("/v1/rerank", teamKey, { model: "bm25", query: "capital", documents: ["Paris", "Bread"] });

    const report = (...more: readonly string[]) => ["spend", "report", "--api_base", proxy.url, ...more];
    const environment = { DHEERA_AI_API_KEY: masterKey };
    // Answers are booked behind the request.
    await expect
      .poll(async () => (await runInProcess(report("--output", "csv"), { environment })).stdout)
      .toMatch(/^\d{4}-\d\d-\d\d,research,bm25,/m);
    const json = await runInProcess(report("--group_by", "api_key"), { environment });
    expect(JSON.parse(json.stdout)).toMatchObject([{ api_key: hashOfKey(teamKey), key_alias: "search-api" }]);
    const table = await runInProcess(report(), { environment, interactive: true, width: 250 });
    expect(table.stdout).toMatch(/^day +team id +model +spend/);
    expect(table.stdout).toContain('Research, "new"');

    const forget = (...more: readonly string[]) => ["spend", "delete", "--api_base", proxy.url, ...more];
    const unasked = await runInProcess(forget("--key", teamKey), { environment });
    expect(unasked).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--yes") });
    expect(unasked.stderr).not.toContain(teamKey);
    const refused = await runInProcess(forget("--team", "research"), { environment, answer: "n" });
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("Delete all answers booked for the team research?");
    const early = await runInProcess(forget("--team", "research", "--before", "2020-01-01", "--yes"), { environment });
    expect(JSON.parse(early.stdout)).toMatchObject({ team_id: "research", deleted_logs: 0 });
    const deleted = await runInProcess(forget("--key", teamKey, "--yes"), { environment, interactive: true });
    expect(deleted.stdout).toMatch(/^deleted_logs +1$/m);
    const left = await runInProcess(["spend", "logs", "--api_base", proxy.url], { environment });
    expect(JSON.parse(left.stdout)).toEqual([]);
    expect((await runInProcess(report(), { environment })).stdout).toContain("research");

    const wrong = await runInProcess(report("--api_key", "sk-that-nobody-made-here"));
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).not.toContain("sk-that-nobody");
  } finally {
    await proxy.stop();
  }
});

it.each([
  [["spend"], "report, logs, delete"],
  [["spend", "report"], "--api_base"],
  [["spend", "report", "--api_base", "http://localhost:1", "--start_date", "yesterday"], "2026-11-27"],
  [["spend", "report", "--api_base", "http://localhost:1", "--group_by", "planet"], "provider"],
  [["spend", "delete", "--api_base", "http://localhost:1", "--yes"], "either --key or --team"],
  [["spend", "delete", "--api_base", "http://localhost:1", "--team", "a", "--key", "b"], "either --key or --team"],
  [["spend", "delete", "--api_base", "http://localhost:1", "--team", "a", "--before", "now"], "2026-11-27"],
])("refuses %j, and says what is wrong", async (args, named) => {
  const { code, stderr } = await runInProcess(args);
  expect(code).toBe(2);
  expect(stderr).toContain(named);
});
