import { execFile } from "node:child_process";
import { mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { type Dockerfile, DockerfileParser, type Instruction, Keyword } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { optionalPackages } from "../packages/dheera-ai/src/optional-providers.ts";
import { fillHubCache } from "../test/support/hub-cache.ts";
import { startProgram } from "../test/support/proxy-process.ts";
import { createFolder } from "../test/support/temporary-folder.ts";
import { readLocalServices } from "./testing/local-services.ts";
import { runBuildStages, stagesOf, wordsOf } from "./testing/build-stage.ts";

const root = join(import.meta.dirname, "..");
const text = await readFile(join(import.meta.dirname, "Dockerfile"), "utf8");
const dockerfile: Dockerfile = DockerfileParser.parse(text);
const [build = [], buildLocal = [], image = [], local = [], untargeted = []] = stagesOf(dockerfile);

describe("the Dockerfile", () => {
  it("passes a linter", () => {
    expect(validate(text)).toEqual([]);
  });

  it("builds with the pnpm of the workspace", async () => {
    const { packageManager } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    expect(argumentsOf(build, Keyword.RUN)).toContain(`npm install --global ${packageManager}`);
  });

  it("puts the command line, every package of a provider and all that batches may need into the image", async () => {
    const { dependencies } = await readPackage("image");
    const { peerDependenciesMeta } = await readPackage("../packages/batch");
    const packages = optionalPackages.map((optional) => optional.package);
    expect(Object.keys(dependencies)).toEqual(
      ["@dheera-ai/cli", ...packages, ...Object.keys(peerDependenciesMeta)].toSorted(),
    );
  });

  it("gives an image that runs as an unprivileged user, says whether it is well and ships no build tools", () => {
    expect(argumentsOf(image, Keyword.USER)).toEqual(["1000:1000"]);
    expect(argumentsOf(image, Keyword.HEALTHCHECK)).toHaveLength(1);
    expect(argumentsOf(image, Keyword.RUN)).toEqual([]);
    expect(argumentsOf(image, Keyword.COPY)).toEqual(["/app /app", "/journal /var/lib/dheera-ai"]);
  });

  it("gives that image where no target is named, and for the target local one that stands on it", () => {
    expect([buildLocal, image, local, untargeted].map((stage) => argumentsOf(stage, Keyword.FROM))).toEqual([
      ["build AS build-local"],
      ["node:26-slim AS image"],
      ["image AS local"],
      ["image"],
    ]);
    expect(untargeted).toHaveLength(1);
    expect(argumentsOf(local, Keyword.RUN)).toEqual([]);
    expect(argumentsOf(local, Keyword.USER)).toEqual([]);
  });
});

// The first stages are done here as Docker would do it in the image.
describe("what the image holds", () => {
  const stack = new AsyncDisposableStack();
  let app: string;
  /** The root of the image `local`: beside the program what runs models, and the models. */
  let base: string;

  beforeAll(async () => {
    base = stack.use(await createFolder()).path;
    const source = join(base, "source");
    app = join(base, "app");
    const runtime = join(base, "runtime");
    await mkdir(source);
    const folders = { "/app": app, "/runtime": runtime, "/journal": join(base, "journal") };
    await runBuildStages([build, buildLocal], root, { source, folders });
    for (const paths of argumentsOf(local, Keyword.COPY)) {
      const [from = "", to = ""] = paths.split(" ");
      await rename(join(base, from), join(base, to));
    }
  }, 300_000);

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

  it("is, for models in the process, also what computes and reads text, of this platform alone", async () => {
    const files = await readdir(join(base, "node_modules"), { recursive: true });
    const binaries = files.filter((file) => /\.(node|so|dll|dylib)(\.|$)/.test(file));
    const { platform, arch } = process;
    expect(binaries.filter((file) => /tokenizers\./.test(file))).toEqual([
      expect.stringMatching(new RegExp(`^tokenizers/tokenizers\\.${platform}-${arch}(-gnu)?\\.node$`)),
    ]);
    const others = binaries.filter((file) => !file.startsWith("tokenizers/"));
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((file) => !file.startsWith(`onnxruntime-node/bin/napi-v6/${platform}/${arch}/`))).toEqual([]);
    expect(binaries.filter((file) => /cuda|tensorrt|DirectML/i.test(file))).toEqual([]);
  });

  it("has nothing of that in the image without them", async () => {
    const files = await readdir(join(app, "node_modules"), { recursive: true });
    expect(files.filter((file) => /(^|\/)(onnxruntime-\w+|tokenizers)(@|\/|$)/.test(file))).toEqual([]);
    expect(files).toContain("@dheera-ai/local");
  });

  it("serves, for models in the process, a model in its folder with the words of the compose file, and writes nothing", async () => {
    const { proxy: service } = await readLocalServices();
    const [, model = ""] = service.command;
    const models = join(base, "models");
    await fillHubCache(models, { [model.replace("local/", "")]: "cross-encoder" });
    const before = await readdir(base, { recursive: true });
    const [command = "", ...args] = [...inImage(Keyword.ENTRYPOINT), ...service.command];
    const proxy = await startProgram(command, [...args, "--host", "127.0.0.1", "--port", "0"], {
      NODE_ENV: "production",
      HOME: "/nowhere",
      HF_HUB_CACHE: models,
      HF_HUB_OFFLINE: "1",
      DHEERA_AI_MASTER_KEY: "sk-of-the-proxy",
    });
    const response = await fetch(`${proxy.url}/rerank`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer sk-of-the-proxy" },
      body: JSON.stringify({ model: "reranker", query: "the moon", documents: ["a sun", "the moon"] }),
    });
    expect(await response.json()).toMatchObject({
      results: [{ relevance_score: expect.any(Number) }, { relevance_score: expect.any(Number) }],
      meta: { score_kind: "probability" },
    });
    expect(await proxy.stop()).toBe(0);
    expect(await readdir(base, { recursive: true })).toEqual(before);
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

async function readPackage(
  folder: string,
): Promise<{ readonly dependencies: object; readonly peerDependenciesMeta: object }> {
  return JSON.parse(await readFile(join(import.meta.dirname, folder, "package.json"), "utf8"));
}
