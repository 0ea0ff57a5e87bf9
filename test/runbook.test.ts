import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startProxy as startProgram } from "../apps/cli/src/testing/processes.ts";
import { startProxy } from "../apps/proxy/src/fixtures/start-proxy.ts";
import { createFolder } from "./support/temporary-folder.ts";

/** Every part that runs beside the proxy: one that is added gets its row, its metrics and its paragraph. */
const parts = [
  "Upstream deployments",
  "Local models",
  "Batches",
  "Files of batches",
  "The teams' database",
  "The journal of spend",
  "Reports from SQLite",
  "Redis",
  "Python's engine",
  "The MCP server",
];

const page = readFileSync(new URL("../docs/runbook.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ["))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));

/** Names of metrics on the pages of a proxy and of an MCP server, which have all of these parts that a proxy can have. */
const metrics = new Set<string>();
/** What their health routes say, by route. */
const health = new Map<string, Set<string>>();
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  const folder = opened.use(await createFolder());
  const proxy = opened.use(
    await startProxy({
      yaml: `
model_list:
  - { model_name: words, dheera_ai_params: { model: bm25/default } }
  - { model_name: here, dheera_ai_params: { model: "local/${join(import.meta.dirname, "../packages/local/src/fixtures/models/cross-encoder")}" } }
general_settings: { database_url: "sqlite:${join(folder.path, "teams.db")}", spend_journal: "${folder.path}" }
batch_settings: { storage: "${join(folder.path, "batches")}" }
dheera_ai_settings: { cache: true }
`,
    }),
  );
  const server = opened.use(await startProgram(["mcp", "--http", "--port", "0"]));
  for (const url of [`${proxy.url}/metrics`, new URL("/metrics", server.url)])
    for (const [, name = ""] of (await (await fetch(url)).text()).matchAll(/^# TYPE (\S+) /gm)) metrics.add(name);
  for (const path of ["/health", "/health/readiness", "/health/services"]) {
    const answer: object = await (await proxy.get(path)).json();
    const services = "services" in answer && Array.isArray(answer.services) ? answer.services : [];
    health.set(path, new Set([...Object.keys(answer), ...services.map(({ name }) => String(name))]));
  }
  for (const line of Object.keys(await (await fetch(new URL("/health/readiness", server.url))).json()))
    health.get("/health/readiness")?.add(line);
}, 120_000);
afterAll(() => opened.disposeAsync());

describe("the runbook", () => {
  it("has a row and a chapter for each part, and for nothing else", () => {
    expect(rows.map(([part]) => part?.replace(/^\[(.*)\].*$/, "$1"))).toEqual(parts);
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(parts);
  });

  it("says of each part its process, its metrics, its health line and what to do first", () => {
    for (const row of rows) expect(row.filter((cell) => cell.trim() !== "")).toHaveLength(5);
  });

  it("names metrics that a real page has", () => {
    const named = [...page.matchAll(/`((?:dheera_ai|process|nodejs)_\w+)/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !metrics.has(name))).toEqual([]);
  });

  it("names what the status of Python's engine has", () => {
    const status = readFileSync(new URL("../python/src/dheera_ai/_engine/status.py", import.meta.url), "utf8");
    const fields = new Set([...status.matchAll(/^ {4}(\w+): /gm)].map(([, name]) => name));
    const named = [...page.matchAll(/((?:`\w+`(?:, | and )?)+) of `dheera_ai\.engine_status\(\)`/g)].flatMap(
      ([, names = ""]) => [...names.matchAll(/\w+(?=`)/g)].map(([name]) => name),
    );
    expect(named).toEqual(["calls", "starts", "losses", "running", "last_loss"]);
    expect(named.filter((name) => !fields.has(name))).toEqual([]);
  });

  it("names lines of health that a real answer has", () => {
    const named = rows.flatMap(([, , , cell = ""]) =>
      cell
        .split(", ")
        .filter((line) => line.includes("` of `/"))
        .flatMap((line) => {
          const [names = "", route = ""] = line.split(" of ");
          return [...names.matchAll(/`(\w+)`/g)].map(
            ([, name = ""]) => [/`(.*?)`/.exec(route)?.[1] ?? "", name] as const,
          );
        }),
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter(([route, name]) => health.get(route)?.has(name) !== true)).toEqual([]);
  });
});
