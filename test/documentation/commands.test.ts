import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, glob, mkdir, readFile, readdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  type DocumentedCommand,
  type State,
  readCommands,
  readFiles,
  readInlineCommands,
} from "./documented-commands.ts";
import { packPackages, publishedFolders } from "./pack-packages.ts";
import { startPackageRegistry } from "./package-registry.ts";
import { help as createHelp } from "../../packages/create-dheera-ai/src/command-line/help.ts";
import { startHub } from "../../packages/local/src/hub/testing/hub-stand-in.ts";
import { filesOfFixture } from "../support/hub-cache.ts";
import { shareDownloads } from "../packages/npm-cache.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

// Every command that a page shows is run as it is written, from the state that the page says one is in: in a clone
// (this one), in an empty project, with the command line installed, or with the proxy running. `npm install` finds the
// packages of this workspace, packed, in a registry on loopback. Only a server's address differs: it gets a free port.
// `pnpm test:documentation` builds before it runs this.
const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = await findPages();

const stack = new AsyncDisposableStack();
/** Where `npm install --global` installs to. */
let prefix: string;
let registry: string;
let proxy: ProxyProcess;
/** The variables with which models are pulled from a Hub on loopback: tiny ones under the names that pages show. */
let hub: NodeJS.ProcessEnv;
/** The caches that they come to, one for each page, because `dheera_ai init` writes what is there. */
let models: string;

beforeAll(async () => {
  const folder = stack.use(await createFolder()).path;
  const model = { files: await filesOfFixture("cross-encoder"), card: { license: "apache-2.0" } };
  const standIn = stack.use(await startHub({ "cross-encoder/ms-marco-MiniLM-L6-v2": model }));
  hub = { HF_ENDPOINT: standIn.url };
  models = join(folder, "models");
  prefix = join(folder, "global");
  await mkdir(prefix);
  registry = stack.use(await startPackageRegistry(await packPackages(join(folder, "tarballs")))).url;
  await execute("npm", ["install", "--global", "@dheera-ai/cli"], { env: environment("installed") });
  proxy = await startProxy(join(root, "examples/config.yaml"));
  stack.defer(async () => void (await proxy.stop()));
}, 600_000);

afterAll(() => stack.disposeAsync());

interface Session {
  /** The folder that one is in. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

interface Rule {
  readonly pattern: RegExp;
  readonly run: (command: DocumentedCommand, session: Session) => Promise<void>;
}

/**
 * How each command is run. A page that shows a command of another kind fails: add a rule, or a reason not to run it.
 */
const rules: readonly Rule[] = [
  {
    pattern: /^npm install (--(global|save-peer|save-dev) )?((@[\w-]+\/)?[\w-]+ ?)+$/,
    run: async (command, session) => void (await shell(command.text, session)),
  },
  { pattern: /^npm (run [\w:]+|test|pack)$/, run: runToEnd },
  { pattern: /^node [\w-]+\.ts$/, run: runFile },
  { pattern: /^npx -y @dheera-ai\/cli (rerank|mcp)\b/, run: runUninstalled },
  { pattern: /^(npx -y pnpm@10 start|(\w+=\S+ )?(npx )?dheera_ai --(config|model) \S+)$/, run: serve },
  { pattern: /^dheera_ai mcp --http /, run: serve },
  {
    pattern:
      /^(npx -y pnpm@10 |npx )?dheera_ai (rerank|batch|models|pull|rm|doctor|eval(?! init)|calibrate|init|keys|completion|help|version|--help)\b/,
    run: runToEnd,
  },
  { pattern: /^dheera_ai --config \S+ --validate_config$/, run: runToEnd },
  { pattern: /^npx -y pnpm@10 release:dry$/, run: runToEnd },
  { pattern: /^curl http:\/\/localhost:4000\//, run: ask },
  { pattern: /^cat > \S+ <<'END'\n/, run: async (command, session) => void (await shell(command.text, session)) },
  { pattern: /^export( [A-Z_]+=\S+)+$/, run: exportVariables },
];

/** What is not run, and why. What can be checked of it is. */
const notRun: readonly {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly check: (command: DocumentedCommand, page: string) => Promise<void>;
}[] = [
  {
    pattern: /^pip install "?dheera-ai\b/,
    reason: "pnpm test:python installs the wheel",
    check: () => access(join(root, "python/pyproject.toml")),
  },
  { pattern: /^npx -y pnpm@10 test$/, reason: "it runs this test", check: () => checkScript(["test"], "README.md") },
  {
    pattern: /^dheera_ai eval init /,
    reason: "it waits for somebody who judges; pnpm test:browser does",
    check: () => access(join(root, "test/browser/judging.test.ts")),
  },
  {
    pattern: /^docker run .*text-embeddings-inference:\S+ --model-id \S+$/,
    reason: "the image is another project's; test/documentation.test.ts asks such a server",
    check: checkServerIsAsked,
  },
  {
    pattern:
      /^curl http:\/\/localhost:4000\/v1\/rerank -H "Content-Type: application\/json" -d '\{\n {2}"model": "reranker",/,
    reason: "it asks the provider of the page; test/providers/provider-pages.test.ts runs it, with a stand-in for that",
    check: () => access(join(root, "test/providers/provider-pages.test.ts")),
  },
  {
    pattern: /^cosign verify ghcr\.io\//,
    reason: "no image is published",
    check: () => access(join(root, ".github/workflows/container.yml")),
  },
];

/** Pages that another test types from top to bottom, because their commands need a proxy of their own. */
const typedElsewhere: ReadonlyMap<string, string> = new Map([
  ["docs/teams.md", "test/documentation/teams.test.ts"],
  ["docs/batch.md", "test/documentation/batch.test.ts"],
  ["docs/create.md", "test/packages/create.test.ts"],
  ["packages/create-dheera-ai/README.md", "test/packages/create.test.ts"],
]);

describe.each(pages)("the commands of $page", ({ page, text }) => {
  const elsewhere = typedElsewhere.get(page);
  if (elsewhere !== undefined) it(`are run by ${elsewhere}`, () => access(join(root, elsewhere)));
  const commands = elsewhere === undefined ? readCommands(text) : [];
  const sessions = new Map<State, Session>();

  for (const command of commands) {
    const name = `${command.line}: ${command.text.split("\n")[0]}`;
    const skipped = notRun.find(({ pattern }) => pattern.test(command.text));
    const rule = rules.find(({ pattern }) => pattern.test(command.text));
    const state = stateOf(command);
    if (skipped !== undefined) {
      it(`${name} is there (not run: ${skipped.reason})`, () => skipped.check(command, text));
    } else {
      it(
        name,
        { timeout: 240_000, ...needs(...(command.text.startsWith("curl ") ? ["curl" as const] : [])) },
        async () => {
          if (rule === undefined) throw new Error(`no rule of this test knows how to run: ${command.text}`);
          if (state === undefined)
            throw new Error(
              `${page}:${command.line} does not say where one is: "in a clone", "in a project of your own", "with the command line installed", "with the proxy running"`,
            );
          await rule.run(command, await sessionIn(state));
        },
      );
    }
  }

  it.each([...new Set(readInlineCommands(text))])("`%s` names what is there", (command) => checkInline(command, page));

  /** One folder for each state of a page, so that a later command finds what an earlier one has left. */
  async function sessionIn(state: State): Promise<Session> {
    const known = sessions.get(state);
    if (known !== undefined) return known;
    const files = Object.fromEntries(readFiles(text).map(({ name, content }) => [name, content]));
    const start =
      state === "project"
        ? { "package.json": '{ "name": "user", "private": true, "type": "module" }', ...files }
        : files;
    const folder = state === "clone" ? root : stack.use(await createFolder(start)).path;
    const own = page.replaceAll("/", "-");
    const cache = {
      HF_HUB_CACHE: join(models, own),
      // What an earlier run of the reader's has ranked is in no output of a page.
      XDG_CACHE_HOME: join(dirname(models), "cache", own),
    };
    const session = { folder, environment: { ...environment(state), ...cache } };
    sessions.set(state, session);
    if (
      state === "installed" &&
      commands.every((command) => !command.text.startsWith("dheera_ai init")) &&
      files["config.yaml"] === undefined
    )
      await shell("dheera_ai init", session);
    return session;
  }
});

/** Installing needs no state: it makes one. What npx gets is installed nowhere. */
function stateOf({ text, state }: DocumentedCommand): State | undefined {
  if (text.startsWith("npx -y @dheera-ai/cli ")) return "project";
  if (text.startsWith("npm install --global ")) return "installed";
  return text.startsWith("npm install ") ? "project" : state;
}

/** Runs a command that ends, and compares what it prints with what the page shows. */
async function runToEnd({ text, output }: DocumentedCommand, session: Session): Promise<void> {
  // A page shows what a terminal shows; here there is none.
  const printed = await shell(
    output === undefined ? text : `${text} --output table`,
    session,
    text.includes(" doctor "),
  );
  if (output === undefined) return;
  // How fast this machine is, and where a column then ends, is not what the page promises.
  const stable = (shown: string): string => {
    if (text.includes(" doctor ")) return shown.replaceAll(/[\d.]+|within \S+/g, "0").replaceAll(/ +/g, " ");
    return text.includes(" eval ") ? shown.replaceAll(/\b[\d.,]+ m?s\b/g, "0 ms").replaceAll(/ +/g, " ") : shown;
  };
  expect(stable(printed.trimEnd())).toBe(stable(output));
}

/** Runs a file that the page shows, and compares what it prints with the comment behind the command. */
async function runFile({ text, comment = "" }: DocumentedCommand, session: Session): Promise<void> {
  expect(`prints ${await shell(text, session)}`).toBe(`${comment}\n`);
}

/** Runs a command of a package that npx has to fetch first: neither installed nor fetched by an earlier run. */
async function runUninstalled(command: DocumentedCommand, session: Session): Promise<void> {
  const cache = stack.use(await createFolder()).path;
  const fresh = { npm_config_cache: cache, npm_config_prefix: join(cache, "global") };
  await shareDownloads(cache);
  // What speaks over standard input ends with it.
  const text = `${command.text} < /dev/null`;
  await runToEnd({ ...command, text }, { ...session, environment: { ...session.environment, ...fresh } });
  // npx keeps what it has fetched in a folder of its own.
  expect(await readdir(join(cache, "_npx"))).toHaveLength(1);
}

/** Runs a command that serves, waits until it says so, asks it, and stops it as ctrl-c does. */
async function serve({ text, comment }: DocumentedCommand, session: Session): Promise<void> {
  if (comment?.startsWith("RUNNING") === true) expect(comment).toBe("RUNNING on http://0.0.0.0:4000");
  // Where a page has no way to know the reader's folder.
  const command = text.replace("/path/to/", "").replaceAll(/ --(host|port) \S+/g, "");
  const health = text.startsWith("dheera_ai mcp ") ? "/health" : "/health/liveliness";
  const child = spawn("sh", ["-c", `${command} --host 127.0.0.1 --port 0`], {
    cwd: session.folder,
    env: session.environment,
    // A process group of its own, because ctrl-c reaches every process that the command has started.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  let output = "";
  const running = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        const url = /RUNNING on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
        if (url !== undefined) resolve(url);
      });
    child.once("close", (code) => reject(new Error(`it ended with ${code} before it served:\n${output}`)));
  });
  try {
    expect((await fetch(`${await running}${health}`)).status).toBe(200);
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
    await closed;
  }
}

async function ask({ text, output }: DocumentedCommand, session: Session): Promise<void> {
  const answer: unknown = JSON.parse(
    await shell(text.replace("http://localhost:4000", proxy.url).replace("curl ", "curl --silent "), session),
  );
  if (output !== undefined) expect(answer).toEqual({ ...JSON.parse(output), id: expect.any(String) });
}

async function exportVariables({ text }: DocumentedCommand, { environment: variables }: Session): Promise<void> {
  for (const [, name = "", value] of text.matchAll(/ ([A-Z_]+)="?([^\s"]+)/g)) variables[name] = value;
}

/**
 * Runs one command as a shell does.
 * @returns what it printed on standard output.
 * @throws Error with both streams when it fails
 */
async function shell(text: string, { folder, environment: env }: Session, mayFail = false): Promise<string> {
  try {
    return (await execute("sh", ["-c", text], { cwd: folder, env })).stdout;
  } catch (error) {
    if (!(error instanceof Error && "stdout" in error && "stderr" in error)) throw error;
    if (mayFail && error.stderr === "") return String(error.stdout);
    throw new Error(`${text}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

/**
 * What one has on the PATH in a state, and nothing else of this machine's settings: a token of its owner must decide
 * nothing.
 */
function environment(state: State): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(HOME|LANG|https?_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
  );
  const path = [
    ...(state === "installed" ? [join(prefix, "bin")] : []),
    dirname(process.execPath),
    // pnpm adds the workspace's own programs, which a user does not have.
    ...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules")),
  ];
  return {
    ...Object.fromEntries(kept),
    PATH: path.join(delimiter),
    no_proxy: "127.0.0.1,localhost",
    ...hub,
    // Its libraries for graphics cards come from elsewhere.
    ONNXRUNTIME_NODE_INSTALL: "skip",
    // In a clone the packages are those of the workspace, and the registry is the machine's.
    ...(state !== "clone" && {
      npm_config_registry: registry,
      npm_config_prefix: prefix,
      npm_config_audit: "false",
      npm_config_fund: "false",
    }),
  };
}

/** Commands within running text that name nothing of this repository. */
const foreign: ReadonlySet<string> = new Set([
  "npm login",
  "npm publish",
  "npm install @acme/dheera-provider",
  "docker build",
  "docker buildx imagetools inspect",
]);

/** A command within running text: its options, scripts and files have to exist. */
async function checkInline(command: string, page: string): Promise<void> {
  if (foreign.has(command)) return;
  const [program = "", ...args] = command
    .replace(/^(?:[A-Z_]+=\S+ )+/, "")
    .replace(/^npx -y pnpm@10/, "pnpm")
    .split(" ");
  const [first = "", ...others] = args.filter((arg) => arg !== "--bun" && arg !== "-y");
  if (program === "dheera_ai") return checkOptions(args);
  if (first === "create") return checkCreate(others);
  if (program === "npm") return checkPackages(args.slice(1).filter((arg) => !arg.startsWith("--")));
  if ((program === "npx" || program === "bunx") && /^(dheera_ai|@dheera-ai\/cli)$/.test(first))
    return checkOptions(others);
  if (program === "pnpm") return checkScript(args, page);
  return checkFiles(args, page);
}

/** The command exists, and its help names every option; of `db migrate` that of the command under `db`. */
async function checkOptions(args: readonly string[]): Promise<void> {
  const end = args.findIndex((arg) => !/^[a-z-]*[a-z]$/.test(arg) || arg.startsWith("-"));
  const name = args.slice(0, Math.min(2, end === -1 ? 2 : end)).join(" ");
  const help = await shell(`dheera_ai ${name} --help`, { folder: root, environment: environment("installed") });
  for (const option of args.filter((arg) => arg.startsWith("--"))) expect(`${help} --help`).toContain(option);
}

/** `npm create dheera-ai@latest`, and the same by others: the package behind it is there, and its help names every flag. */
async function checkCreate([name = "", ...flags]: readonly string[]): Promise<void> {
  await checkPackages([`create-${name.replace(/@latest$/, "")}`]);
  const known: readonly string[] = createHelp.match(/(?<=^|[\s,])--?[a-z][a-z-]*/gm) ?? [];
  for (const flag of flags.filter((word) => /^--?[a-z]/.test(word))) expect(known).toContain(flag.split("=")[0]);
}

/** `pnpm [--dir FOLDER] SCRIPT`, `pnpm --filter @dheera-ai/APP run SCRIPT` or `pnpm exec PROGRAM`. */
async function checkScript(args: readonly string[], page: string): Promise<void> {
  const [, app, script] = /^--filter @dheera-ai\/([\w-]+) run (\S+)$/.exec(args.join(" ")) ?? [];
  if (app !== undefined && script !== undefined) return checkScript(["--dir", `apps/${app}`, script], page);
  const [folder = "", [name = "", program = "", ...others]] =
    args[0] === "--dir" ? [args[1], args.slice(2)] : ["", args];
  if (name === "install") return;
  if (name === "dheera_ai") return checkOptions([program, ...others]);
  if (name === "exec") {
    await access(join(root, folder, "node_modules/.bin", program));
    return checkFiles(others, page, true);
  }
  const { scripts } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  expect(Object.keys(scripts)).toContain(name);
}

/** The first program behind a command that starts a server asks that server, for that model. */
async function checkServerIsAsked({ line, text }: DocumentedCommand, page: string): Promise<void> {
  const port = / -p (\d+):80 /.exec(text)?.[1];
  const model = / --model-id (\S+)/.exec(text)?.[1];
  const below = page.split("\n").slice(line).join("\n");
  const program = /^```(?:ts|python)\n([^]*?)^```$/m.exec(below)?.[1] ?? "";
  expect(/^ +api_base(?:: |=)"([^"]+)",$/m.exec(program)?.[1]).toBe(`http://localhost:${port}`);
  expect(/^ +model(?:: |=)"([^"]+)",$/m.exec(program)?.[1]).toBe(`huggingface/${model}`);
}

/** Files that a command names exist, seen from the root or from the page's folder. */
async function checkFiles(args: readonly string[], page: string, mayBeNone = false): Promise<void> {
  const paths = args.filter((arg) => /^[\w.-]+\/[\w./-]+$/.test(arg));
  if (paths.length === 0 && !mayBeNone) throw new Error(`this test does not know what to check of: ${args.join(" ")}`);
  for (const path of paths)
    await Promise.any([root, join(root, dirname(page))].map((folder) => access(join(folder, path)))).catch(() => {
      throw new Error(`${page} names ${path}, which does not exist`);
    });
}

/** They are packages of this workspace, or what one of those takes from its users. */
async function checkPackages(names: readonly string[]): Promise<void> {
  const manifests: readonly { name: string; peerDependencies?: object }[] = await Promise.all(
    publishedFolders.map(async (folder) => JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"))),
  );
  const known = manifests.flatMap(({ name, peerDependencies = {} }) => Object.keys(peerDependencies).concat(name));
  expect(names).not.toEqual([]);
  expect(known).toEqual(expect.arrayContaining([...names]));
}

/** The pages that show a command. */
async function findPages(): Promise<readonly { readonly page: string; readonly text: string }[]> {
  const found = [];
  for (const pattern of [
    "*.md",
    "docs/*.md",
    "docs/{guides,providers}/*.md",
    "{apps,packages,examples}/*/README.md",
    "{examples,python}/README.md",
    "deploy/**/*.md",
  ])
    for await (const page of glob(pattern, { cwd: root, exclude: (name) => name === "node_modules" }))
      found.push({ page, text: await readFile(join(root, page), "utf8") });
  return found.filter(({ text }) => readCommands(text).length > 0 || readInlineCommands(text).length > 0);
}

const execute = promisify(execFile);
