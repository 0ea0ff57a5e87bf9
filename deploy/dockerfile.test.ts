import { execFile } from "node:child_process";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { type Dockerfile, DockerfileParser, type Instruction, Keyword } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { optionalPackages } from "../packages/dheera-ai/src/optional-providers.ts";
import { startProgram } from "../test/support/proxy-process.ts";
import { createFolder } from "../test/support/temporary-folder.ts";
import { runBuildStage, stagesOf, wordsOf } from "./testing/build-stage.ts";

const root = join(import.meta.dirname, "..");
const text = await readFile(join(import.meta.dirname, "Dockerfile"), "utf8");
const dockerfile: Dockerfile = DockerfileParser.parse(text);
const [build = [], image = []] = stagesOf(dockerfile);

describe("the Dockerfile", () => {
  it("passes a linter", () => {
    expect(validate(text)).toEqual([]);
  });

  it("builds with the pnpm of the workspace", async () => {
    const { packageManager } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    expect(argumentsOf(build, Keyword.RUN)).toContain(`npm install --global ${packageManager}`);
  });

  it("puts the command line and every package of a provider into the image", async () => {
    const { dependencies } = JSON.parse(await readFile(join(import.meta.dirname, "image/package.json"), "utf8"));
    const packages = optionalPackages.map((optional) => optional.package);
    expect(Object.keys(dependencies)).toEqual(["@dheera-ai/cli", ...packages].toSorted());
  });

  it("gives an image that runs as an unprivileged user, says whether it is well and ships no build tools", () => {
    expect(argumentsOf(image, Keyword.USER)).toEqual(["1000:1000"]);
    expect(argumentsOf(image, Keyword.HEALTHCHECK)).toHaveLength(1);
    expect(argumentsOf(image, Keyword.RUN)).toEqual([]);
    expect(argumentsOf(image, Keyword.COPY)).toEqual(["/app /app"]);
  });
});

// The first stage is done here as Docker would do it in the image.
describe("what the image holds", () => {
  const stack = new AsyncDisposableStack();
  let app: string;

  beforeAll(async () => {
    const folder = stack.use(await createFolder()).path;
    const source = join(folder, "source");
    app = join(folder, "app");
    await mkdir(source);
    await runBuildStage(dockerfile, root, source, app);
  }, 180_000);

  afterAll(() => stack.disposeAsync());

  /** A command of the image, here. */
  const inImage = (keyword: Keyword): readonly string[] =>
    wordsOf(image.find((instruction) => instruction.getKeyword() === keyword)).map((word) =>
      word === "node" ? process.execPath : word.replace(/^\/app\b/, app),
    );
  const runInImage = ([command = "", ...args]: readonly string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(command, args, { env: { NODE_ENV: "production" } });

  it("is the program and what it needs, with neither sources nor tools", async () => {
    const files = await readdir(app, { recursive: true });
    expect(files).toContain("node_modules/@dheera-ai/cli/bin/dheera_ai.js");
    expect(files.filter((file) => /dheera-ai\/[\w-]+\/src\/|(^|\/)typescript\/lib|vitest|tsdown/.test(file))).toEqual(
      [],
    );
  });

  it("says its version", async () => {
    const { stdout } = await runInImage([...inImage(Keyword.ENTRYPOINT), "--version"]);
    expect(stdout).toMatch(/^dheera_ai \d+\.\d+\.\d+/);
  });

  it("has every package of a provider, because nobody can install one in it", async () => {
    const config = join(app, "optional.yaml");
    const models = optionalPackages.map(
      ({ name }) =>
        `{ model_name: ${name}, dheera_ai_params: { model: ${name}/x-rerank, api_base: "not an address", azure_credential: unknown } }`,
    );
    await writeFile(config, `model_list: [${models}]`);
    const validation = runInImage([...inImage(Keyword.ENTRYPOINT), "--validate_config", "--config", config]);
    const { stderr } = await validation.then(
      () => expect.fail("the addresses were taken"),
      (error: { readonly stderr: string }) => error,
    );
    expect(stderr).not.toContain("needs the package");
    // What is wrong with its parameters only the package can say.
    expect(stderr).toContain("model_list[0]");
  });

  it("serves the configuration it expects, is found healthy, and ends on SIGTERM", async () => {
    const config = join(app, "config.yaml");
    await writeFile(config, "model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]");
    const [command = "", ...args] = [...inImage(Keyword.ENTRYPOINT), ...inImage(Keyword.CMD)].map((word) =>
      word === "/etc/dheera-ai/config.yaml" ? config : word,
    );
    const proxy = await startProgram(command, [...args, "--host", "127.0.0.1", "--port", "0"], {
      NODE_ENV: "production",
    });
    const healthcheck = inImage(Keyword.HEALTHCHECK).map((word) => word.replace("http://127.0.0.1:4000", proxy.url));

    const response = await fetch(`${proxy.url}/rerank`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "bm25", query: "the moon", documents: ["a sun", "the moon"] }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
    await expect(runInImage(healthcheck)).resolves.toBeDefined();

    expect(await proxy.stop()).toBe(0);
    await expect(runInImage(healthcheck)).rejects.toMatchObject({ code: 1 });
  });
});

function argumentsOf(stage: readonly Instruction[], keyword: Keyword): readonly string[] {
  return stage
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArgumentsContent() ?? "");
}
