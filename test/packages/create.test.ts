import { execFile } from "node:child_process";
import { appendFile, cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import { withServer } from "@dheera-ai/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { packAll, releasedVersion, root } from "../../release/packages.ts";
import { readCommands } from "../documentation/documented-commands.ts";
import { startHub } from "../../packages/local/src/hub/testing/hub-stand-in.ts";
import { bunBinary } from "../support/bun-binary.ts";
import { filesOfFixture } from "../support/hub-cache.ts";
import { needs } from "../support/programs.ts";
import { startProgram } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { execute } from "./clients.ts";
import { type Shell, openShell } from "./created-folder.ts";
import { type Registry, startRegistry } from "./registry.ts";

// `npm create dheera-ai@latest` as users type it, with the packages as they will be published, from a registry on
// loopback. docs/create.md is typed from top to bottom. `pnpm test:packages` builds before it runs this.
const page = await readFile(join(root, "docs/create.md"), "utf8");
const stack = new AsyncDisposableStack();
let registry: Registry;
let shell: Shell;
/** Where everything is created. */
let home: string;

beforeAll(async () => {
  const packages = await packAll(stack.use(await createFolder()).path);
  const upstream = (await execute("npm", ["config", "get", "registry"], root)).trim();
  registry = stack.use(await startRegistry(packages, upstream));
  home = stack.use(await createFolder()).path;
  shell = await openShell(stack.use(await createFolder()).path, registry);
}, 240_000);

afterAll(() => stack.disposeAsync());

/** The commands of a section, from top to bottom. */
function commandsOf(title: string): readonly string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(title)) ?? "";
  return readCommands(section).map(({ text }) => text);
}

/** What is printed under `Next:`, without what stands beside it. */
function nextOf(printed: string): readonly string[] {
  const lines = printed.slice(printed.indexOf("\nNext:\n")).split("\n").slice(2);
  return lines.filter((line) => line !== "").map((line) => line.replace(/ +#.*$/, "").trim());
}

const first = /^\d+\.\d{4} Washington, D\.C\. /m;
const rank = { query: "the cat", documents: ["a dog", "the cat"] };

async function ask(url: string, key: string, model: string): Promise<unknown> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/rerank`, { method: "POST", headers, body: JSON.stringify({ model, ...rank }) });
  return response.json();
}

async function masterKeyIn(folder: string): Promise<string> {
  return /^DHEERA_AI_MASTER_KEY=(.+)$/m.exec(await readFile(join(folder, ".env"), "utf8"))?.[1] ?? "";
}

describe("docs/create.md", () => {
  it("begins with a command that needs no flag where nobody is to be asked", async () => {
    const [command = ""] = readCommands(page).map(({ text }) => text);
    const folder = stack.use(await createFolder()).path;
    const printed = await shell.type(folder, `${command} -- --no-install`);
    expect(nextOf(printed)).toEqual(["cd my-proxy", "npm install", "npm start", "npm run ask", "npm test"]);
  });

  it("leads to a proxy that ranks for whoever has its key", async () => {
    const [create = "", ...steps] = commandsOf("A proxy");
    const printed = await shell.type(home, create);
    expect([...steps, "npm run check"].toSorted()).toEqual(
      expect.arrayContaining([...nextOf(printed), "npm run check"].toSorted()),
    );
    expect(steps).toEqual(["cd my-proxy", "npm start", "npm run ask", "npm test", "npm run check"]);
    const folder = join(home, "my-proxy");
    const proxy = await shell.serve(folder, "npm start -- --host 127.0.0.1 --port 0");
    try {
      expect(await shell.type(folder, `npm run ask -- ${proxy.url}`)).toMatch(first);
      const key = await masterKeyIn(folder);
      expect(await ask(proxy.url, key, "bm25")).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
      expect(await ask(proxy.url, "sk-another", "bm25")).not.toHaveProperty("results");
    } finally {
      await proxy.stop();
    }
    expect(await shell.type(folder, "npm test")).toMatch(/pass 2\n/);
    expect(await shell.type(folder, "npm run check")).toContain("config.yaml is valid: bm25");
    await expect(shell.type(folder, "npm run ask -- http://127.0.0.1:9")).rejects.toThrow("start the proxy first");
  });

  it("leads to a provider package that keeps the contract, and that a proxy loads once it is packed", async () => {
    const [create = "", ...steps] = commandsOf("A provider");
    const printed = await shell.type(home, create);
    expect(steps).toEqual(nextOf(printed));
    expect(steps).toEqual(["cd acme-provider", "npm test", "npm run build", "npm pack"]);
    const folder = join(home, "acme-provider");
    expect(await shell.type(folder, "npm test")).toMatch(/Tests +\d+ passed/);
    await shell.type(folder, "npm run build");
    await shell.type(folder, "npm run check:package");
    const tarball = (await shell.type(folder, "npm pack --silent")).trim();

    const proxyFolder = join(home, "with-provider");
    await cp(join(home, "my-proxy"), proxyFolder, { recursive: true, verbatimSymlinks: true });
    await shell.type(proxyFolder, `npm install ../acme-provider/${tarball}`);
    const entry = `model_list:
  - model_name: acme
    dheera_ai_params: { model: acme/relevance-1, api_base: os.environ/UPSTREAM, api_key: key }
`;
    const config = join(proxyFolder, "config.yaml");
    const text = await readFile(config, "utf8");
    await writeFile(config, text.replace("model_list:\n", `plugins: [acme-provider]\n${entry}`));
    const answer = { relevance: rank.documents.map((_, passage) => ({ passage, value: passage })), tokens: 4 };
    await withServer(
      () => ({ body: answer }),
      async ({ url }) => {
        await writeFile(join(proxyFolder, ".env"), `UPSTREAM=${url}\n`, { flag: "a" });
        const proxy = await shell.serve(proxyFolder, "npm start -- --host 127.0.0.1 --port 0");
        try {
          const ranking = await ask(proxy.url, await masterKeyIn(proxyFolder), "acme");
          expect(ranking).toMatchObject({ results: [{ index: 1, relevance_score: 1 }, { index: 0 }] });
        } finally {
          await proxy.stop();
        }
      },
    );
  });

  it("leads to a program that ranks", async () => {
    const [create = "", ...steps] = commandsOf("A program");
    const printed = await shell.type(home, create);
    expect(steps).toEqual(nextOf(printed));
    expect(steps).toEqual(["cd my-program", "npm start", "npm test"]);
    const folder = join(home, "my-program");
    expect(await shell.type(folder, "npm start")).toMatch(first);
    expect(await shell.type(folder, "npm test")).toMatch(/pass 1\n/);
    await shell.type(folder, "npm run check");
  });

  it("says no less than the package's own README", async () => {
    const readme = readCommands(await readFile(join(root, "packages/create-dheera-ai/README.md"), "utf8"));
    const typed = readCommands(page).map(({ text }) => text);
    expect(typed).toEqual(expect.arrayContaining(readme.map(({ text }) => text)));
  });
});

describe("a proxy that was created", () => {
  it("answers the request and serves the pages of its README", needs("curl"), async () => {
    const folder = join(home, "my-proxy");
    const readme = await readFile(join(folder, "README.md"), "utf8");
    const [, request = ""] = /```sh\n(\. \.\/\.env\ncurl [^]*?)```/.exec(readme) ?? [];
    const proxy = await shell.serve(folder, "npm start -- --host 127.0.0.1 --port 0");
    try {
      const command = request.replace("http://localhost:4000", proxy.url).replace("curl ", "curl --silent ");
      expect(JSON.parse(await shell.type(folder, command))).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
      const text = readme.replaceAll(/^```[^]*?^```$/gm, "");
      const paths = [...text.matchAll(/`(\/\w*)`|localhost:4000(\/\w+)/g)].map(
        ([, path, other]) => path ?? other ?? "",
      );
      expect(paths).toEqual(["/", "/docs"]);
      for (const path of paths) expect((await fetch(`${proxy.url}${path}`)).status).toBe(200);
    } finally {
      await proxy.stop();
    }
  });

  it("leaves the Redis of its .env alone when it is tested", async () => {
    const folder = join(home, "with-redis");
    await cp(join(home, "my-proxy"), folder, { recursive: true, verbatimSymlinks: true });
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    stack.defer(() => void server.close());
    const url = await new Promise<string>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        if (address !== null && typeof address === "object") resolve(`redis://127.0.0.1:${address.port}`);
      });
    });
    await appendFile(join(folder, "config.yaml"), "\nrouter_settings:\n  redis_url: os.environ/REDIS_URL\n");
    await appendFile(join(folder, ".env"), `REDIS_URL=${url}\n`);
    expect(await shell.type(folder, "npm test")).toMatch(/pass 2\n/);
    expect(connections).toBe(0);
  });

  it("is in an image what it is outside: built from the lock file, it serves as its entry point says", async () => {
    const dockerfile = await readFile(join(home, "my-proxy/Dockerfile"), "utf8");
    const app = stack.use(await createFolder()).path;
    for (const [, files = ""] of dockerfile.matchAll(/^COPY (?!--from)(.+) \.\/$/gm))
      for (const file of files.split(" ")) await cp(join(home, "my-proxy", file), join(app, file));
    const [, build = ""] = /^RUN (.+)$/m.exec(dockerfile) ?? [];
    expect(build).toBe("npm ci --omit=dev");
    await shell.type(app, build);
    const [, entry = ""] = /^ENTRYPOINT (\[.+\])$/m.exec(dockerfile) ?? [];
    const [, rest = ""] = /^CMD (\[.+\])$/m.exec(dockerfile) ?? [];
    const words: readonly string[] = [...JSON.parse(entry), ...JSON.parse(rest)];
    const [, program = "", ...args] = words.map((word) => (/\.(js|yaml)$/.test(word) ? join(app, word) : word));
    const options = [program, ...args, "--host", "127.0.0.1", "--port", "0"];
    const proxy = await startProgram(process.execPath, options, { DHEERA_AI_MASTER_KEY: "sk-of-the-container" });
    expect(await ask(proxy.url, "sk-of-the-container", "bm25")).toMatchObject({
      results: [{ index: 1 }, { index: 0 }],
    });
    expect(await proxy.stop()).toBe(0);
  });

  // Newer ones end with an error where nobody has decided about an install script, such as that of ONNX Runtime.
  it.each([
    ["10", "bm25/default"],
    ["12", "local/cross-encoder/ms-marco-MiniLM-L6-v2"],
  ])("by pnpm@%s is one of pnpm's, step by step", async (version, model) => {
    const own = await openShell(stack.use(await createFolder()).path, registry, { pnpm: `npx -y pnpm@${version}` });
    const name = `by-pnpm-${version}`;
    // Newer ones take no settings of npm's, and no packages that are of today.
    const variables = { pnpm_config_registry: registry.url, pnpm_config_minimum_release_age: "0" };
    const printed = await own.type(home, `pnpm create dheera-ai@latest ${name} --model ${model}`, variables);
    const pull = model.startsWith("local/") ? ["pnpm pull"] : [];
    expect(nextOf(printed)).toEqual([`cd ${name}`, ...pull, "pnpm start", "pnpm ask", "pnpm test"]);
    const folder = join(home, name);
    expect(await readdir(folder)).toContain("pnpm-lock.yaml");
    const proxy = await own.serve(folder, "pnpm start --host 127.0.0.1 --port 0", variables);
    try {
      if (pull.length === 0) expect(await own.type(folder, `pnpm ask ${proxy.url}`, variables)).toMatch(first);
      const ranking = await ask(proxy.url, await masterKeyIn(folder), "bm25");
      expect(ranking).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
    } finally {
      await proxy.stop();
    }
    expect(await readFile(join(folder, "Dockerfile"), "utf8")).toContain(`pnpm@${version}\n`);
    expect(await own.type(folder, "pnpm test", variables)).toMatch(/pass 2\n/);
  });

  it("for a model of this machine downloads it, and ranks with it", async () => {
    const model = { files: await filesOfFixture("cross-encoder"), card: { license: "apache-2.0" } };
    const hub = stack.use(await startHub({ "cross-encoder/ms-marco-MiniLM-L6-v2": model }));
    const variables = { HF_ENDPOINT: hub.url, HF_HUB_CACHE: stack.use(await createFolder()).path };
    const create = "npm create dheera-ai@latest neural -- --model local/cross-encoder/ms-marco-MiniLM-L6-v2";
    const printed = await shell.type(home, create, variables);
    expect(nextOf(printed)).toEqual(["cd neural", "npm run pull", "npm start", "npm run ask", "npm test"]);
    const folder = join(home, "neural");
    await shell.type(folder, "npm run pull", variables);
    const proxy = await shell.serve(folder, "npm start -- --host 127.0.0.1 --port 0", variables);
    try {
      // Its weights are random: that it ranks is seen, not how well.
      expect(await shell.type(folder, `npm run ask -- ${proxy.url}`)).toMatch(/^0\.\d{4} \w+/m);
    } finally {
      await proxy.stop();
    }
    expect(await shell.type(folder, "npm test", variables)).toMatch(/pass 2\n/);
  });

  it("asks at a terminal, and creates what was answered", needs("python3"), async () => {
    const folder = stack.use(await createFolder()).path;
    const answers = [
      ["What do you want to start?", "\r"],
      ["In which folder?", "first\r"],
      // The second model is one of this machine.
      ["Which model to begin with?", "\u001B[B\r"],
      // Docker is marked; the next is Redis.
      ["What stands beside it?", "\u001B[B \r"],
    ];
    const command = ["npm", "create", "dheera-ai@latest", "--", "--no-install"];
    const printed = await atTerminal(folder, command, answers);
    expect(printed).toContain("Created");
    expect(await readdir(join(folder, "first"))).toContain("compose.yaml");
    expect(await readFile(join(folder, "first/config.yaml"), "utf8")).toContain("redis_url: os.environ/REDIS_URL");
    const { dependencies } = JSON.parse(await readFile(join(folder, "first/package.json"), "utf8"));
    expect(dependencies).toMatchObject({
      "@dheera-ai/cli": `^${await releasedVersion()}`,
      "@dheera-ai/local": `^${await releasedVersion()}`,
    });
  });

  it("is not there where somebody answers with ctrl-c", needs("python3"), async () => {
    const folder = stack.use(await createFolder()).path;
    await mkdir(join(folder, "taken"));
    const answers = [
      ["What do you want to start?", "\r"],
      ["In which folder?", "\u0003"],
    ];
    const printed = await atTerminal(folder, ["npm", "create", "dheera-ai@latest"], answers);
    expect(printed).toContain("Nothing was written");
    expect(await readdir(folder)).toEqual(["taken"]);
  });
});

const yarn = createRequire(import.meta.url).resolve("@yarnpkg/cli-dist/bin/yarn.js");
const others = [
  ["yarn", `"${process.execPath}" "${yarn}"`, "yarn start", "yarn test"],
  ["bun", bunBinary(), "bun run start", "bun run test"],
] as const;

describe.each(others)("a program that was created for %s", (name, command, start, test) => {
  it("is installed by it, and ranks", async () => {
    const folder = stack.use(await createFolder()).path;
    const own = await openShell(stack.use(await createFolder()).path, registry, { [name]: command });
    const variables = {
      YARN_NPM_REGISTRY_SERVER: registry.url,
      YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
      YARN_GLOBAL_FOLDER: join(folder, "yarn"),
      YARN_ENABLE_TELEMETRY: "0",
      // Bun keeps packages by name and version: those of an earlier build would be taken for these.
      BUN_INSTALL_CACHE_DIR: join(folder, "bun"),
      // As on a machine of CI, where Yarn writes no lock file by itself.
      CI: "true",
    };
    const create = `npm create dheera-ai@latest program -- --template library --package-manager ${name}`;
    const printed = await own.type(folder, create, variables);
    expect(nextOf(printed)).toEqual(["cd program", start, test]);
    expect(await own.type(join(folder, "program"), start, variables)).toMatch(first);
    expect(await own.type(join(folder, "program"), test, variables)).toMatch(/pass 1\n/);
  });
});

/** Runs a command on a terminal of its own and types each answer when its question is there. @returns what it showed */
async function atTerminal(
  cwd: string,
  command: readonly string[],
  answers: readonly (readonly string[])[],
): Promise<string> {
  const script = `
import fcntl, json, os, pty, struct, sys, termios
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
waiting = json.loads(sys.argv[1])
begin = 0
while True:
    try:
        chunk = os.read(terminal, 4096)
    except OSError:
        break
    if not chunk:
        break
    shown += chunk
    while waiting and waiting[0][0].encode() in shown[begin:]:
        begin = len(shown)
        os.write(terminal, waiting.pop(0)[1].encode())
os.waitpid(child, 0)
sys.stdout.buffer.write(shown)
`;
  const args = ["-c", script, JSON.stringify(answers), ...command];
  const { stdout } = await promisify(execFile)("python3", args, { cwd, env: { ...shell.environment, TERM: "xterm" } });
  return stdout;
}
