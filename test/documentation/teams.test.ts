import { execFile } from "node:child_process";
import { chmod, readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

import { startPostgresqlServer } from "../support/postgresql-server.ts";
import { needs } from "../support/programs.ts";
import { startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { readCommands, readFiles } from "./documented-commands.ts";

// The page is typed from top to bottom in one shell, with a proxy of the page's own configuration.
const root = fileURLToPath(new URL("../..", import.meta.url));
const page = await readFile(join(root, "docs/teams.md"), "utf8");
const commands = readCommands(page).map(({ text }) => text);
const start = commands.indexOf("dheera_ai --config config.yaml");

describe("docs/teams.md", () => {
  it("works as it is written, with SQLite", needs("curl"), () => type(commands.slice(0, start)));

  it("works with the address of a PostgreSQL in place of the file", needs("curl", "postgresql"), async () => {
    await using server = await startPostgresqlServer();
    const address = `export DHEERA_AI_DATABASE_URL=${await server.createDatabase()}`;
    const isAddress = (command: string): boolean => command.startsWith("export DHEERA_AI_DATABASE_URL=");
    expect(commands.filter(isAddress)).toHaveLength(2);
    await type(commands.slice(0, start).map((command) => (isAddress(command) ? address : command)));
  });
});

/** @param before what is typed before the proxy starts */
async function type(before: readonly string[]): Promise<void> {
  expect(start).toBeGreaterThan(0);
  const files = Object.fromEntries(readFiles(page).map(({ name, content }) => [name, content]));
  // As it is installed: a page is read by people who have that.
  const program = join(root, "apps/cli/bin/dheera_ai.js");
  await using folder = await createFolder({
    ...files,
    dheera_ai: `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
  });
  await chmod(join(folder.path, "dheera_ai"), 0o755);
  const environment = { PATH: [folder.path, dirname(process.execPath), process.env["PATH"]].join(delimiter) };
  const run = async (lines: readonly string[]): Promise<string> =>
    (await promisify(execFile)("sh", ["-ec", lines.join("\n")], { cwd: folder.path, env: environment })).stdout;

  const [status = ""] = (await run(before)).split("\n}\n").slice(-2);
  expect(JSON.parse(`${status}\n}`)).toMatchObject({ pending: [], newer: [] });

  const exported = before.flatMap((command) => [...command.matchAll(/^export (\w+)=(\S+)$/g)]);
  const variables = Object.fromEntries(
    exported.map(([, name = "", value = ""]) => [name, inFolder(value, folder.path)]),
  );
  const proxy = await startProxy(join(folder.path, "config.yaml"), variables);
  try {
    // A reader exports the other variables once more, in the second terminal.
    const typed = commands.slice(start + 1).filter((command) => !/^export \w+=\S+:/.test(command));
    const asTyped = typed
      .map((command) => command.replaceAll("http://localhost:4000", proxy.url))
      .map((command) => command.replaceAll("curl ", "curl --silent --show-error --fail-with-body "));
    const masterKey = `export DHEERA_AI_MASTER_KEY=${variables["DHEERA_AI_MASTER_KEY"]}`;
    const separated = asTyped.flatMap((command) => [command, "echo; echo '---'"]);
    const printed = (await run([masterKey, ...separated])).split("\n---\n").map((answer) => answer.trim());
    const answerTo = (...parts: readonly string[]): string => {
      const at = typed.findIndex((command) => parts.every((part) => command.includes(part)));
      expect(at, `the page has ${parts.join(" ")}`).toBeGreaterThanOrEqual(0);
      return printed[at] ?? "";
    };
    const team = { team_id: "research", max_budget: 100, budget_duration: "1mo" };
    expect(JSON.parse(answerTo("dheera_ai teams new"))).toMatchObject(team);
    expect(JSON.parse(answerTo("curl", "/team/new"))).toMatchObject(team);
    expect(JSON.parse(answerTo("/v1/rerank")).results[0]).toMatchObject({ index: 1 });
    expect(JSON.parse(answerTo("dheera_ai keys info"))).toMatchObject({ info: { key_alias: "search-api" } });
    expect(JSON.parse(answerTo("/key/info"))).toMatchObject({ info: { key_alias: "search-api", team_id: "research" } });
    expect(answerTo("dheera_ai spend report")).toMatch(/^day,team_id,model,name,spend/);
    expect(answerTo("/global/spend/report")).toMatch(/^day,team_id,model,name,spend/);
    expect(JSON.parse(answerTo("dheera_ai spend logs"))).toBeInstanceOf(Array);
    for (const block of ["dheera_ai keys block", "/key/block"])
      expect(JSON.parse(answerTo(block))).toMatchObject({ blocked: true });
    for (const unblock of ["dheera_ai keys unblock", "/key/unblock"])
      expect(JSON.parse(answerTo(unblock))).toMatchObject({ blocked: false });
    const list: readonly object[] = JSON.parse(answerTo("dheera_ai keys list"));
    expect(list).toHaveLength(2);
    expect(list).toContainEqual(
      expect.objectContaining({ key_alias: "search-api", last_rotation_at: expect.any(String) }),
    );
    expect(JSON.parse(answerTo("/key/regenerate"))).toMatchObject({
      key: expect.stringMatching(/^sk-/),
      key_alias: "batch-jobs",
    });
    expect(answerTo("/audit")).toContain("rotated");
  } finally {
    await proxy.stop();
  }
}

/** The proxy of the test is started elsewhere. */
function inFolder(value: string, folder: string): string {
  return value.replace(/^sqlite:/, `sqlite:${folder}/`);
}
