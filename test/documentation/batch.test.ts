import { execFile } from "node:child_process";
import { symlink, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { needs } from "../support/programs.ts";
import { startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { readCommands, readFiles } from "./documented-commands.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = await readFile(join(root, "docs/batch.md"), "utf8");
const key = "sk-choose-a-long-one-of-your-own";
const workersHeading = "### Three workers";

it("docs/batch.md works as it is written, from top to bottom", needs("curl"), async () => {
  await using folder = await createFolder({
    ...Object.fromEntries(readFiles(page).map(({ name, content }) => [name, content])),
    "package.json": '{ "type": "module" }',
  });
  await symlink(join(root, "test/node_modules"), join(folder.path, "node_modules"));
  // Its folder is relative to where the proxy is started.
  const config = join(folder.path, "config.yaml");
  const written = await readFile(config, "utf8");
  expect(written).toContain("storage: ./batches\n");
  await using absolute = await createFolder({
    "config.yaml": written.replace("./batches", join(folder.path, "batches")),
  });
  await using proxy = await startProxy(join(absolute.path, "config.yaml"), { DHEERA_AI_MASTER_KEY: key });

  const commands = readCommands(page.slice(0, page.indexOf(workersHeading))).map(({ text }) => text);
  const start = commands.indexOf("dheera_ai --config config.yaml");
  expect(commands[start - 1]).toBe(`export DHEERA_AI_MASTER_KEY=${key}`);
  const typed = commands.slice(start + 1);
  const shell = async (command: string, ids: Readonly<Record<string, string>> = {}): Promise<string> => {
    const changed = Object.entries(ids).reduce((text, [shown, own]) => text.replaceAll(shown, own), command);
    const line = changed.replace("curl http://localhost:4000", `curl --silent --fail-with-body ${proxy.url}`);
    const env = { PATH: process.env["PATH"], DHEERA_AI_MASTER_KEY: key };
    return (await promisify(execFile)("sh", ["-ec", line], { cwd: folder.path, env })).stdout;
  };
  const [exported, lines = "", upload = "", create = "", show = "", fetched = ""] = typed;
  expect([exported, typed.length]).toEqual([`export DHEERA_AI_MASTER_KEY=${key}`, 6]);
  await shell(lines);
  const shown = (pattern: RegExp, text: string): string => pattern.exec(text)?.[0] ?? "";
  const [file, batch, output] = [shown(/file-\w+/, create), shown(/batch_\w+/, show), shown(/file-\w+/, fetched)];
  const ids = { [file]: idOf(await shell(upload)) };
  const ofBatch = { [batch]: idOf(await shell(create, ids)) };
  let state: Record<string, unknown> = {};
  await expect
    .poll(async () => (state = JSON.parse(await shell(show, ofBatch))), { timeout: 60_000 })
    .toMatchObject({ status: "completed", request_counts: { total: 2, completed: 2, failed: 0 } });
  const answers = await shell(fetched, { [output]: String(state["output_file_id"]) });
  const idsOf = (text: string): readonly unknown[] =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)["custom_id"]);
  expect(idsOf(answers)).toEqual(["ice", "card"]);

  const program = await readFile(join(folder.path, "batch.ts"), "utf8");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module-typescript", "-e", program.replace("http://localhost:4000", proxy.url)],
    { cwd: folder.path, env: { ...process.env, DHEERA_AI_MASTER_KEY: key } },
  );
  expect(idsOf(stdout.trim())).toEqual(["ice", "card"]);
});

// There is no Docker here; deploy/batches.test.ts starts what these files start.
it("docs/batch.md starts three workers with files that are there and all the variables that they demand", async () => {
  const commands = readCommands(page.slice(page.indexOf(workersHeading))).map(({ text }) => text);
  const exported = commands.filter((command) => command.startsWith("export "));
  const composed = commands.filter((command) => command.startsWith("docker compose "));
  expect(exported.length + composed.length).toBe(commands.length);
  const files = new Set(composed.flatMap((command) => [...command.matchAll(/-f (\S+)/g)].map(([, file = ""]) => file)));
  expect([...files]).toEqual(["deploy/compose.yaml", "deploy/compose.batches.yaml"]);
  const texts = await Promise.all([...files].map((file) => readFile(join(root, file), "utf8")));
  const demanded = texts.flatMap((text) => [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name));
  const given = exported.flatMap((command) => [...command.matchAll(/ ([A-Z_]+)=/g)].map(([, name]) => name));
  expect(new Set(given)).toEqual(new Set(demanded));
});

function idOf(answer: string): string {
  return String(JSON.parse(answer).id);
}
