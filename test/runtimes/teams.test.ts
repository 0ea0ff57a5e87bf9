import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { bunBinary } from "../support/bun-binary.ts";
import { eventually } from "../support/eventually.ts";
import { startPostgresqlServer } from "../support/postgresql-server.ts";
import { needs } from "../support/programs.ts";
import { startProgram } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const commandLine = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));
const program = fileURLToPath(new URL("../../packages/teams/src/testing/create-keys.ts", import.meta.url));

describe("teams in a database under Bun", () => {
  it("are kept in SQLite, in one file with processes of Node.js that write at the same time", async () => {
    await using folder = await createFolder();
    await writeOnBoth(`sqlite:${join(folder.path, "teams.db")}`);
  });

  it("are kept in PostgreSQL", needs("postgresql"), async () => {
    await using server = await startPostgresqlServer();
    await writeOnBoth(await server.createDatabase());
  });
});

describe("a proxy of two processes", () => {
  const runtimes = [
    ["Node.js", process.execPath, ["-C", "source"]],
    ["Bun", bunBinary(), ["--conditions=source"]],
  ] as const;

  it.each(runtimes)("on %s makes keys in SQLite, serves, books and blocks them", async (_, command, conditions) => {
    await using folder = await createFolder();
    await useKeys(command, conditions, `sqlite:${join(folder.path, "teams.db")}`);
  });

  it.each(runtimes)(
    "on %s makes keys in PostgreSQL, serves, books and blocks them",
    needs("postgresql"),
    async (_, command, conditions) => {
      await using server = await startPostgresqlServer();
      await useKeys(command, conditions, await server.createDatabase());
    },
  );
});

/** Each request has a connection of its own, so that both processes get some. */
async function useKeys(command: string, conditions: readonly string[], url: string): Promise<void> {
  const masterKey = "sk-of-this-test-alone";
  const config = {
    model_list: [{ model_name: "bm25", dheera_ai_params: { model: "bm25/default", input_cost_per_query: 0.001 } }],
    general_settings: { master_key: masterKey, database_url: url },
  };
  // JSON is YAML.
  await using folder = await createFolder({ "config.yaml": JSON.stringify(config) });
  const serve = ["--config", join(folder.path, "config.yaml"), "--host", "127.0.0.1", "--port", "0"];
  const proxy = await startProgram(command, [...conditions, commandLine, ...serve, "--num_workers", "2"], {
    LOG_LEVEL: "silent",
  });
  const ask = async (key: string, path: string, body?: object): Promise<{ status: number; body: unknown }> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", connection: "close" };
    const sent = body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) };
    const response = await fetch(proxy.url + path, sent);
    return { status: response.status, body: await response.json() };
  };
  try {
    const made = await ask(masterKey, "/key/generate", { key_alias: "some", max_budget: 1 });
    const { key } = v.parse(v.object({ key: v.string() }), made.body);
    const request = { model: "bm25", query: "moon", documents: ["a sun", "the moon"] };
    for (let count = 0; count < 12; count++) expect(await ask(key, "/rerank", request)).toMatchObject({ status: 200 });
    await eventually(async () => (await ask(masterKey, `/key/info?key=${key}`)).body).toMatchObject({
      info: { spend: expect.closeTo(0.012, 9) },
    });
    await ask(masterKey, "/key/block", { key });
    let refused = 0;
    // Both processes hear of it: twelve in a row, by chance all of one, would come once in 2,000 runs.
    await eventually(
      async () => (refused = (await ask(key, "/rerank", request)).status === 403 ? refused + 1 : 0),
    ).toBe(12);
    expect(await proxy.stop(), proxy.output()).toBe(0);
  } finally {
    await proxy.stop();
  }
}

async function writeOnBoth(url: string): Promise<void> {
  const processes = [
    run(bunBinary(), ["--conditions=source", program, url, "on bun", "20"]),
    run(process.execPath, ["-C", "source", program, url, "on node", "20"]),
  ];
  expect(await Promise.all(processes)).toEqual([
    { stdout: "made 20 of 20\n", stderr: "" },
    { stdout: "made 20 of 20\n", stderr: "" },
  ]);
  const { stdout } = await run(bunBinary(), ["--conditions=source", program, url, "on node", "0"]);
  expect(stdout).toBe("made 0 of 20\n");
}

async function run(command: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const { stdout, stderr } = await promisify(execFile)(command, args);
  return { stdout, stderr };
}
