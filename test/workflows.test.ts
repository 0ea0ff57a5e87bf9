import { execFile } from "node:child_process";
import { access, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { needs } from "./support/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const step = v.looseObject({
  uses: v.optional(v.string()),
  run: v.optional(v.string()),
  with: v.optional(v.record(v.string(), v.unknown()), {}),
});
const job = v.looseObject({
  uses: v.optional(v.string()),
  "timeout-minutes": v.optional(v.number()),
  steps: v.optional(v.array(step), []),
});
const workflow = v.looseObject({
  permissions: v.unknown(),
  concurrency: v.unknown(),
  jobs: v.record(v.string(), job),
});
const action = v.looseObject({ runs: v.looseObject({ steps: v.array(step) }) });

const workflows = await readYaml(".github/workflows", (name) => name, workflow);
const actions = await readYaml(".github/actions", (name) => `${name}/action.yml`, action);
const steps = [
  ...workflows.flatMap(({ content }) => Object.values(content.jobs).flatMap((each) => each.steps)),
  ...actions.flatMap(({ content }) => content.runs.steps),
];

describe("the workflows of GitHub", () => {
  it("are those for changes, releases, the container image and the documentation site", () => {
    expect(workflows.map(({ path }) => path).sort()).toEqual([
      ".github/workflows/ci.yml",
      ".github/workflows/container.yml",
      ".github/workflows/release.yml",
      ".github/workflows/site.yml",
    ]);
  });

  it("run only scripts of this repository, a line each, which run anywhere", async () => {
    const { scripts } = v.parse(
      v.looseObject({ scripts: v.record(v.string(), v.string()) }),
      JSON.parse(await readFile(join(root, "package.json"), "utf8")),
    );
    const commands = steps
      .flatMap(({ run, with: inputs }) => [run, inputs["script"]])
      .filter((text) => text !== undefined);
    expect(commands.length).toBeGreaterThan(6);
    for (const command of commands) {
      const [, file, script] = /^(?:bash (\.ci\/[\w-]+)|pnpm ([\w:]+))$/.exec(String(command)) ?? [];
      if (file !== undefined) await expect(access(join(root, file)), file).resolves.toBeUndefined();
      else expect(Object.keys(scripts), String(command)).toContain(script);
    }
  });

  it("pin each action by its commit and say which version that is", async () => {
    for (const { path } of [...workflows, ...actions]) {
      const lines = (await readFile(join(root, path), "utf8")).split("\n").filter((line) => /\buses:/.test(line));
      for (const line of lines)
        expect(line, path).toMatch(/uses: (\.\/\.github\/\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
    }
  });

  it("pin one version of each action", () => {
    const versions = new Map<string, Set<string>>();
    for (const { uses = "" } of steps) {
      const [name = "", commit] = uses.split("@");
      if (commit !== undefined) versions.set(name, (versions.get(name) ?? new Set()).add(commit));
    }
    for (const [name, commits] of versions) expect([...commits], name).toHaveLength(1);
  });

  it.each(workflows)("$path may do no more than read, runs once at a time, and ends", ({ content }) => {
    expect(content.permissions).toEqual({ contents: "read" });
    expect(content.concurrency).toBeDefined();
    for (const [name, { uses, "timeout-minutes": minutes }] of Object.entries(content.jobs))
      if (uses === undefined) expect(minutes, name).toBeGreaterThan(0);
  });

  it("have nothing that actionlint minds", needs("actionlint"), async () => {
    const files = workflows.map(({ path }) => path);
    const { stdout } = await promisify(execFile)("actionlint", ["-shellcheck=", "-pyflakes=", ...files], {
      cwd: root,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  });
});

describe("the forms for issues", async () => {
  const forms = await readYaml(".github/ISSUE_TEMPLATE", (name) => name, v.looseObject({}));

  it.each(forms.filter(({ path }) => !path.endsWith("/config.yml")))("$path asks each thing once", ({ content }) => {
    const { name, description, body } = v.parse(form, content);
    expect([name, description]).not.toContain("");
    expect(new Set(body.map(({ id }) => id)).size).toBe(body.length);
  });
});

const form = v.looseObject({
  name: v.string(),
  description: v.string(),
  body: v.array(
    v.looseObject({
      type: v.picklist(["textarea", "input", "dropdown", "checkboxes"]),
      id: v.string(),
      attributes: v.looseObject({ label: v.string(), options: v.optional(v.array(v.unknown())) }),
    }),
  ),
});

async function readYaml<Schema extends v.GenericSchema>(
  folder: string,
  fileOf: (name: string) => string,
  schema: Schema,
): Promise<readonly { readonly path: string; readonly content: v.InferOutput<Schema> }[]> {
  const names = await readdir(join(root, folder));
  return Promise.all(
    names.map(async (name) => {
      const path = `${folder}/${fileOf(name)}`;
      return { path, content: v.parse(schema, parse(await readFile(join(root, path), "utf8"))) };
    }),
  );
}
