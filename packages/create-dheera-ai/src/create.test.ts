import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { eventually } from "../../../test/support/eventually.ts";
import { createFolder } from "../../../test/support/temporary-folder.ts";
import { create } from "./create.ts";
import { workspace } from "./workspace.ts";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it as without a terminal, and without installing. */
async function run(cwd: string, ...args: readonly string[]): Promise<Run> {
  return runWith({}, cwd, "--no-install", ...args);
}

async function runWith(
  environment: Readonly<Record<string, string>>,
  cwd: string,
  ...args: readonly string[]
): Promise<Run> {
  let stdout = "";
  let stderr = "";
  const code = await create(args, {
    cwd,
    environment: { PATH: process.env["PATH"], ...environment },
    isInteractive: false,
    print: (text) => void (stdout += text),
    printError: (text) => void (stderr += text),
    stop: new AbortController().signal,
  });
  return { code, stdout, stderr };
}

const reportSchema = v.object({
  name: v.string(),
  created: v.array(v.string()),
  replaced: v.array(v.string()),
  kept: v.array(v.string()),
  completed: v.array(v.string()),
  fillIn: v.array(v.string()),
  git: v.boolean(),
  nextSteps: v.array(v.object({ command: v.string(), what: v.string() })),
});

async function report(cwd: string, ...args: readonly string[]): Promise<v.InferOutput<typeof reportSchema>> {
  const { stdout, stderr } = await run(cwd, "--json", ...args);
  expect(stderr).toBe("");
  return v.parse(reportSchema, JSON.parse(stdout));
}

const manifestSchema = v.looseObject({
  name: v.string(),
  dependencies: v.record(v.string(), v.string()),
  devDependencies: v.optional(v.record(v.string(), v.string()), {}),
  peerDependencies: v.optional(v.record(v.string(), v.string()), {}),
});

async function manifestIn(...path: readonly string[]): Promise<v.InferOutput<typeof manifestSchema>> {
  return v.parse(manifestSchema, JSON.parse(await readFile(join(...path, "package.json"), "utf8")));
}

describe("npm create dheera-ai, without a terminal", () => {
  it("creates a proxy where nothing is said", async () => {
    await using folder = await createFolder();
    const { code, stdout } = await run(folder.path);
    expect(code).toBe(0);
    expect(await readdir(folder.path)).toEqual(["my-proxy"]);
    expect(stdout).toContain("\n  cd my-proxy\n  npm install\n  npm start ");
  });

  it("keeps the master key from every eye but its owner's", async () => {
    await using folder = await createFolder();
    const { stdout } = await run(folder.path, "app");
    const text = await readFile(join(folder.path, "app/.env"), "utf8");
    const key = /^DHEERA_AI_MASTER_KEY=(sk-dheera-[\w-]{43})$/m.exec(text)?.[1] ?? "none";
    expect(key).not.toBe("none");
    expect(stdout).not.toContain(key.slice(0, 16));
    expect((await stat(join(folder.path, "app/.env"))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder.path, "app/.gitignore"), "utf8")).toContain("\n.env\n");
    const example = await readFile(join(folder.path, "app/.env.example"), "utf8");
    expect(example).toContain("\nDHEERA_AI_MASTER_KEY=\n");
    for (const file of await readdir(join(folder.path, "app"), { recursive: true, withFileTypes: true }))
      if (file.isFile() && file.name !== ".env")
        expect(await readFile(join(file.parentPath, file.name), "utf8")).not.toContain(key);
  });

  it("makes another key each time", async () => {
    await using folder = await createFolder();
    await run(folder.path, "one");
    await run(folder.path, "two");
    const [one, two] = await Promise.all(
      ["one", "two"].map((name) => readFile(join(folder.path, name, ".env"), "utf8")),
    );
    expect(one).not.toBe(two);
  });

  it.each(["proxy", "provider", "library"])(
    "wants packages of Dheera AI in its own version in a %s",
    async (template) => {
      await using folder = await createFolder();
      await run(folder.path, "app", "--template", template);
      const { dependencies, devDependencies, peerDependencies } = await manifestIn(folder.path, "app");
      const ranges = Object.entries({ ...dependencies, ...devDependencies, ...peerDependencies });
      const ours = ranges.filter(([name]) => /^(@dheera-ai\/.+|dheera-ai)$/.test(name));
      expect(ours.length).toBeGreaterThan(0);
      const { version } = JSON.parse(await readFile(new URL("../../core/package.json", import.meta.url), "utf8"));
      expect(ours.map(([, range]) => range)).toEqual(ours.map(() => `^${version}`));
      expect(ranges.filter(([, range]) => !/^[\^~]\d/.test(range))).toEqual([]);
    },
  );

  it("adds what a model needs: its entry, its variable, its packages", async () => {
    await using folder = await createFolder();
    const { fillIn } = await report(folder.path, "app", "--model", "cohere/rerank-v5.0-pro");
    expect(fillIn).toEqual(["COHERE_API_KEY"]);
    const config = await readFile(join(folder.path, "app/config.yaml"), "utf8");
    expect(config).toContain('model: "cohere/rerank-v5.0-pro"\n      api_key: "os.environ/COHERE_API_KEY"');
    const { nextSteps } = await report(folder.path, "here", "--model", "local/cross-encoder/ms-marco-MiniLM-L6-v2");
    expect(nextSteps.map(({ command }) => command)).toContain("npm run pull");
    const { dependencies } = await manifestIn(folder.path, "here");
    expect(Object.keys(dependencies)).toEqual(["@dheera-ai/cli", "@dheera-ai/local", "onnxruntime-node", "tokenizers"]);
  });

  it.each([
    ["--template", "site", "--template wants one of proxy, provider, library"],
    ["--with", "docker,kafka", "--with wants one of docker, redis, teams"],
    ["--package-manager", "cargo", "--package-manager wants one of npm, pnpm, yarn, bun"],
    ["--model", "gpt", "--model wants <provider>/<model>"],
    ["--model", "cohere/a b", "--model wants <provider>/<model>"],
    ["--colour", "red", "--colour"],
  ])("refuses %s %s with a sentence, and writes nothing", async (flag, value, sentence) => {
    await using folder = await createFolder();
    const { code, stderr } = await run(folder.path, "app", flag, value);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("says what is wrong as JSON too, where JSON is wanted", async () => {
    await using folder = await createFolder();
    const { code, stdout, stderr } = await run(folder.path, "app", "--json", "--template", "site");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: expect.stringContaining("--template") });
    expect(stderr).toBe("");
  });

  it("takes flags that would have no effect for the mistakes they are", async () => {
    await using folder = await createFolder();
    expect((await run(folder.path, "--template", "library", "--with", "redis")).stderr).toContain("--with is for");
    expect((await run(folder.path, "--template", "provider", "--model", "bm25/default")).stderr).toContain(
      "--model is for",
    );
  });
});

describe("the folder", () => {
  it.each([
    ["My Proxy", "my-proxy"],
    ["Übergröße", "ubergrosse"],
    ["提供者", "my-proxy"],
    ["@acme/ranker", "@acme/ranker"],
    ["node_modules.d/x_y", "x_y"],
    ["http", "my-proxy"],
  ])("%s gives the package the name %s", async (name, expected) => {
    await using folder = await createFolder();
    await run(folder.path, name);
    expect((await manifestIn(folder.path, name)).name).toBe(expected);
  });

  it.each(["2026", "true", "1e3", "---"])("%s gives the containers a name that Compose takes for one", async (name) => {
    await using folder = await createFolder({ [`${name}/notes.txt`]: "" });
    await run(join(folder.path, name), ".", "--force");
    const compose = await readFile(join(folder.path, name, "compose.yaml"), "utf8");
    expect(parse(compose)).toMatchObject({ name: expect.stringMatching(/^[a-z0-9][a-z0-9_-]*$/) });
  });

  it.each(["aux", "COM1.txt", "a:b", "what?", "end.", "end ", "a\tb"])(
    "is not called %j, which some system cannot have",
    async (name) => {
      await using folder = await createFolder();
      const { code, stderr } = await run(folder.path, name);
      expect(code).toBe(2);
      expect(stderr).toMatch(/Windows|control character/);
      expect(await readdir(folder.path)).toEqual([]);
    },
  );

  it("may be this one, however it is called", async () => {
    await using folder = await createFolder();
    const here = join(folder.path, "What was there");
    await mkdir(join(here, ".git"), { recursive: true });
    const { stdout } = await run(here, ".");
    expect(stdout).toContain("this folder");
    expect(stdout).not.toContain("cd ");
    expect((await manifestIn(here)).name).toBe("what-was-there");
  });

  it("is refused where it is not empty, with what would be replaced", async () => {
    await using folder = await createFolder({ "app/README.md": "mine", "app/notes.txt": "mine" });
    const { code, stderr } = await run(folder.path, "app");
    expect(code).toBe(2);
    expect(stderr).toContain("app is not empty (README.md, notes.txt)");
    expect(stderr).toContain("--force, which would replace README.md");
    expect(await readdir(join(folder.path, "app"))).toEqual(["README.md", "notes.txt"]);
  });

  it("is written with --force, which says what it replaced and leaves the rest", async () => {
    await using folder = await createFolder({ "app/README.md": "mine", "app/notes.txt": "mine" });
    const { replaced, created } = await report(folder.path, "app", "--force");
    expect(replaced).toEqual(["README.md"]);
    expect(created).toContain("config.yaml");
    expect(await readFile(join(folder.path, "app/notes.txt"), "utf8")).toBe("mine");
    expect(await readFile(join(folder.path, "app/README.md"), "utf8")).toContain("# app");
    expect((await readdir(join(folder.path, "app"))).filter((name) => name.includes("create-dheera-ai"))).toEqual([]);
  });

  it("keeps a .env with --force, and adds what it lacks", async () => {
    const mine = "DHEERA_AI_MASTER_KEY=sk-mine\nOTHER=1";
    await using folder = await createFolder({ "app/.env": mine });
    const { kept, replaced, completed } = await report(folder.path, "app", "--force", "--with", "redis");
    expect({ kept, replaced, completed }).toEqual({ kept: [".env"], replaced: [], completed: [".env"] });
    const text = await readFile(join(folder.path, "app/.env"), "utf8");
    expect(text.startsWith(`${mine}\n`)).toBe(true);
    expect(text.match(/^DHEERA_AI_MASTER_KEY=/gm)).toHaveLength(1);
    expect(text).toContain("\nREDIS_URL=redis://127.0.0.1:6379\n");
    expect(text).toContain("\n# HF_TOKEN=\n");
    const again = await run(folder.path, "app", "--force", "--with", "redis");
    expect(again.stdout).toContain("\nKept: .env\n");
    expect(await readFile(join(folder.path, "app/.env"), "utf8")).toBe(text);
  });

  it("is left as it is where a file of its name, or a folder in the place of a file, is in the way", async () => {
    await using folder = await createFolder({ app: "a file", "full/package.json/x": "a folder" });
    expect((await run(folder.path, "app")).stderr).toContain("is a file; name another folder");
    expect((await run(folder.path, "app/inside")).stderr).toContain("is a file; name another folder");
    expect((await run(folder.path, "full", "--force")).stderr).toContain("package.json in the folder is no plain file");
    expect(await readdir(join(folder.path, "full"))).toEqual(["package.json"]);
  });

  it("is left as it is where a file is in the place of a folder", async () => {
    await using folder = await createFolder({ "app/src": "mine", "app/README.md": "mine", "app/package.json": "{}" });
    const { code, stderr } = await run(folder.path, "app", "--template", "provider", "--force");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "src in the folder is a file where a folder belongs; move it away first\n",
    });
    expect(await readdir(join(folder.path, "app"))).toEqual(["README.md", "package.json", "src"]);
    expect(await readFile(join(folder.path, "app/README.md"), "utf8")).toBe("mine");
  });

  it("is as it was where the system refuses in the middle, with a sentence and an exit code of its own", async () => {
    const mine = { "app/README.md": "mine", "app/package.json": "{}", "app/.env": "A=1" };
    await using folder = await createFolder(mine);
    const app = join(folder.path, "app");
    // Somebody makes a file where a folder was to be, when all files were staged.
    const stop = Object.assign(new AbortController().signal, {
      throwIfAborted: () => writeFileSync(join(app, "src"), ""),
    });
    let stdout = "";
    const code = await create(["app", "--template", "provider", "--force", "--json", "--no-install"], {
      cwd: folder.path,
      environment: {},
      isInteractive: false,
      print: (text) => void (stdout += text),
      printError: () => {},
      stop,
    });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({ error: expect.stringMatching(/^\S+app cannot be written: EEXIST/) });
    expect((await readdir(app)).toSorted()).toEqual([".env", "README.md", "package.json", "src"]);
    for (const [path, text] of Object.entries(mine)) expect(await readFile(join(folder.path, path), "utf8")).toBe(text);
  });

  it("is not made where the system takes no such name, with the same exit code", async () => {
    await using folder = await createFolder();
    const { code, stderr } = await run(folder.path, `above/${"a".repeat(300)}`);
    expect(code).toBe(3);
    expect(stderr).toContain("cannot be written: ENAMETOOLONG");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("is not one named ~, which only a shell reads as somebody's home", async () => {
    await using folder = await createFolder();
    expect(await run(folder.path, "~/app")).toMatchObject({
      code: 2,
      stderr: "~/app would be a folder named ~, because no shell has read it; write your home folder out\n",
    });
    expect(await readdir(folder.path)).toEqual([]);
    expect((await run(folder.path, "~app")).stdout).toContain('\n  cd "~app"\n');
  });

  it("is not there, nor any above it, where it was stopped before its files were", async () => {
    await using folder = await createFolder();
    let stderr = "";
    const code = await create(["a/b/app", "--no-install"], {
      cwd: folder.path,
      environment: {},
      isInteractive: false,
      print: () => {},
      printError: (text) => void (stderr += text),
      stop: AbortSignal.abort(),
    });
    expect({ code, stderr }).toEqual({ code: 130, stderr: "Stopped. Nothing was written.\n" });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("the package manager", () => {
  it.each([
    ["npm/11.6.0 node/v26.10.0 linux x64", "npm install", "npm run ask"],
    ["pnpm/10.34.9 npm/? node/v26.10.0 linux x64", "pnpm install", "pnpm ask"],
    ["yarn/4.18.1 npm/? node/v26.10.0 linux x64", "yarn install", "yarn ask"],
    ["bun/1.4.5 npm/? node/v26.10.0 linux x64", "bun install", "bun run ask"],
    ["something else", "npm install", "npm run ask"],
  ])("is the one that runs it: %s", async (userAgent, install, ask) => {
    await using folder = await createFolder();
    const { stdout } = await runWith({ npm_config_user_agent: userAgent }, folder.path, "app", "--no-install");
    expect(stdout).toContain(`\n  ${install}\n`);
    expect(stdout).toContain(`\n  ${ask} `);
  });

  it("that is stopped leaves all files, and says how to go on", async () => {
    await using folder = await createFolder();
    const bin = join(folder.path, "bin");
    await mkdir(bin);
    // It says that it runs, and then waits to be ended.
    const script = `#!${process.execPath}\nrequire("node:fs").writeFileSync("runs", ""); setInterval(() => {}, 1000);\n`;
    await writeFile(join(bin, "bun"), script, { mode: 0o755 });
    const stop = new AbortController();
    let stderr = "";
    const created = create(["app", "--package-manager", "bun", "--no-git", "--json"], {
      cwd: folder.path,
      environment: { PATH: bin },
      isInteractive: false,
      print: () => {},
      printError: (text) => void (stderr += text),
      stop: stop.signal,
    });
    await eventually(() => readdir(join(folder.path, "app"))).toContain("runs");
    stop.abort();
    expect(await created).toBe(130);
    expect(stderr).toContain("bun install was stopped. All files are there. Run it again in the folder: bun install");
    expect(await readdir(join(folder.path, "app"))).toContain("config.yaml");
  });

  it("installs without libraries for graphics cards, and is said to have put all into a workspace around", async () => {
    await using folder = await createFolder();
    const bin = join(folder.path, "bin");
    await mkdir(bin);
    // As in a workspace: it ends well, and its lock file is elsewhere.
    const script = `#!${process.execPath}\nrequire("node:fs").writeFileSync("set", process.env.ONNXRUNTIME_NODE_INSTALL ?? "");\n`;
    await writeFile(join(bin, "bun"), script, { mode: 0o755 });
    const flags = ["app", "--package-manager", "bun", "--no-git"];
    const { code, stdout } = await runWith({ PATH: bin }, folder.path, ...flags);
    expect(code).toBe(0);
    expect(await readFile(join(folder.path, "app/set"), "utf8")).toBe("skip");
    expect(stdout).toContain(
      "The packages and the lock file are in the workspace around this folder: the image cannot be built from this folder alone.\n",
    );
    await runWith({ PATH: bin, ONNXRUNTIME_NODE_INSTALL: "cuda12" }, folder.path, ...flags, "--force");
    expect(await readFile(join(folder.path, "app/set"), "utf8")).toBe("cuda12");
  });

  it("may put the command line into a workspace around the proxy, whose scripts find it", async () => {
    const cli = "node_modules/@dheera-ai/cli";
    await using folder = await createFolder({
      [`${cli}/package.json`]: '{ "type": "module", "exports": { "./package.json": "./package.json" } }',
      [`${cli}/bin/dheera_ai.js`]: "console.log(process.argv.slice(2).join());",
    });
    await run(folder.path, "proxies/app");
    const app = join(folder.path, "proxies/app");
    const { scripts } = JSON.parse(await readFile(join(app, "package.json"), "utf8"));
    const [program = "", ...words]: readonly string[] = scripts.check.split(" ");
    expect(program).toBe("node");
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: app });
    expect(stdout).toBe("--config,config.yaml,--validate_config\n");
  });

  it.each([
    ["pnpm/12.21.0 npm/? node/v26.10.0 linux x64", "pnpm@12"],
    ["pnpm/10.34.9 npm/? node/v26.10.0 linux x64", "pnpm@10"],
  ])("is in the image the one that wrote the lock file: %s", async (userAgent, expected) => {
    await using folder = await createFolder();
    await runWith({ npm_config_user_agent: userAgent }, folder.path, "app", "--no-install");
    const dockerfile = await readFile(join(folder.path, "app/Dockerfile"), "utf8");
    expect(dockerfile).toContain(`RUN npm install --global ${expected}\n`);
    expect(dockerfile).toContain("COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./\n");
    expect(parse(await readFile(join(folder.path, "app/pnpm-workspace.yaml"), "utf8"))).toEqual({
      allowBuilds: { "onnxruntime-node": false, protobufjs: false },
      ignoredBuiltDependencies: ["onnxruntime-node", "protobufjs"],
    });
  });

  it("that is missing is said to be, with all files there", async () => {
    await using folder = await createFolder();
    const { code, stderr, stdout } = await runWith(
      { PATH: "/nowhere" },
      folder.path,
      "app",
      "--package-manager",
      "bun",
    );
    expect(code).toBe(1);
    expect(stderr).toContain("bun is not installed. All files are there; once it is: bun install");
    expect(stdout).toContain("  bun install\n");
    expect(await readdir(join(folder.path, "app"))).toContain("config.yaml");
  });
});

it("says its version and its flags", async () => {
  expect((await run("/", "--version")).stdout).toBe(`create-dheera-ai ${workspace.version}\n`);
  const { stdout } = await run("/", "--help");
  for (const flag of [
    "--template",
    "--model",
    "--with",
    "--package-manager",
    "--no-install",
    "--no-git",
    "--force",
    "--yes",
    "--json",
  ])
    expect(stdout).toContain(flag);
});
