import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { faultsOf } from "../../release/faults.ts";
import { type PackedPackage, packAll, publishedFolders, releasedVersion, root } from "../../release/packages.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { type Project, clients, execute } from "./clients.ts";
import { type Registry, startRegistry } from "./registry.ts";

const folders = [
  "packages/ai-sdk",
  "packages/azure",
  "packages/batch",
  "packages/bedrock",
  "packages/bm25",
  "packages/cache",
  "packages/combine",
  "packages/core",
  "packages/create-dheera-ai",
  "packages/dheera-ai",
  "packages/eval",
  "packages/huggingface",
  "packages/langchain",
  "packages/llamaindex",
  "packages/llm",
  "packages/local",
  "packages/mcp",
  "packages/providers",
  "packages/teams",
  "packages/vertex",
  "packages/volcengine",
  "packages/watsonx",
  "apps/cli",
  "apps/proxy",
];
const stack = new AsyncDisposableStack();
let packages: readonly PackedPackage[];
let registry: Registry;

// What users get: packed here, served as a registry would. `pnpm test:packages` builds before it runs this.
beforeAll(async () => {
  packages = await packAll(stack.use(await createFolder()).path);
  const upstream = (await execute("npm", ["config", "get", "registry"], root)).trim();
  registry = stack.use(await startRegistry(packages, upstream));
}, 240_000);

afterAll(() => stack.disposeAsync());

describe("the packages that users get", () => {
  it("are these", async () => {
    expect(await publishedFolders()).toEqual(folders);
    expect(packages.map(({ folder }) => folder)).toEqual(folders);
  });

  it.each(folders)("%s holds what a user needs and nothing else, and depends on ranges", (folder) => {
    const packed = packages.find((candidate) => candidate.folder === folder);
    expect(packed && faultsOf(packed)).toEqual([]);
    expect(packed?.files.some(({ path }) => path.startsWith("dist/"))).toBe(true);
  });
});

describe.each(clients)("an empty project of $name", (client) => {
  let project: Project;

  beforeAll(async () => {
    const folder = stack.use(
      await createFolder({ "package.json": '{ "name": "user", "private": true, "type": "module" }', "yarn.lock": "" }),
    ).path;
    project = { folder, registry: registry.url };
    await client.install(
      project,
      packages.map(({ manifest }) => manifest.name),
    );
  }, 480_000);

  it("ranks from TypeScript", async () => {
    await writeFile(
      join(project.folder, "rank.mjs"),
      `import { rerank } from "dheera-ai";
const { results } = await rerank({ model: "bm25/default", query: "capital of the United States", documents: ["Paris is in France.", "Washington, D.C. is the capital of the United States."] });
console.log(results[0].index);
`,
    );
    expect((await client.runFile(project, "rank.mjs")).trim()).toBe("1");
  });

  it("ranks from a shell, under both names", async () => {
    expect(await client.runCommand(project, "dheera_ai", "--version")).toContain(await releasedVersion());
    const words = ["rerank", "--model", "bm25/default", "--query", "a cat", "the dog", "the cat"];
    const output = await client.runCommand(project, "dheera-ai", ...words);
    expect(JSON.parse(output)).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  });

  it("finds a provider that is a package of its own, from TypeScript and from a shell", async () => {
    // Amazon's libraries look for a profile that nobody has, and nothing is called.
    const params = 'model: "bedrock/amazon.rerank-v1:0", aws_region_name: "us-west-2", aws_profile_name: "nobody"';
    await writeFile(
      join(project.folder, "amazon.mjs"),
      `import { createDheera, officialProviders } from "dheera-ai";
const dheera = createDheera({ providers: officialProviders(), model_list: [{ model_name: "m", dheera_ai_params: { ${params} } }] });
await dheera.rerank({ model: "m", query: "q", documents: ["d"] }).catch(({ code, message }) => console.log(code, message));
`,
    );
    expect(await client.runFile(project, "amazon.mjs")).toMatch(/^provider_auth .*aws_profile_name/);
    await writeFile(
      join(project.folder, "config.yaml"),
      `model_list: [{ model_name: m, dheera_ai_params: { ${params} } }]`,
    );
    const words = ["rerank", "--config", "config.yaml", "--model", "m", "--query", "q", "d"];
    await expect(client.runCommand(project, "dheera_ai", ...words)).rejects.toThrow("aws_profile_name");
  });

  it("finds what handles local models from a shell", async () => {
    const output = await client.runCommand(project, "dheera_ai", "models", "--local");
    // Whatever this machine has.
    expect(JSON.parse(output)).toEqual(expect.any(Array));
  });

  it("is told where the command line is by the library alone", async () => {
    const outcome = client.runCommand(project, "dheera-ai-library");
    await expect(outcome).rejects.toThrow("npx @dheera-ai/cli --help");
  });

  // TypeScript reads node_modules only.
  const checkTypes = async (): Promise<void> => {
    await writeFile(
      join(project.folder, "check.ts"),
      `import { type Provider, createDheera, readScores } from "@dheera-ai/core";
import { testProvider } from "@dheera-ai/core/testing";
import { huggingface } from "@dheera-ai/huggingface";
import { type RerankResponse, rerank } from "dheera-ai";

const mine: Provider = {
  name: "mine",
  connect: ({ http, apiBase }) => ({
    profile: () => ({ scoring: "pointwise", scoreKind: "probability", billing: "compute", fingerprint: "mine", limits: {} }),
    score: async ({ query, documents, signal }) => ({ scores: readScores(await http.json(\`\${apiBase}/rerank\`, { method: "POST", body: { query, documents }, signal })) }),
  }),
};
export const dheera = createDheera({ providers: [huggingface(), mine] });
export const response: Promise<RerankResponse> = rerank({ model: "bm25/default", query: "q", documents: ["a", { text: "b" }], top_n: 1 });
export const suite: unknown = testProvider;
// @ts-expect-error a query is a text
void rerank({ model: "bm25/default", query: 7, documents: [] });
`,
    );
    // Declarations are checked too, beside Node.js's, which most users have.
    const compilerOptions = {
      target: "es2023",
      module: "nodenext",
      lib: ["es2023", "dom", "dom.iterable", "esnext.disposable"],
      strict: true,
      noEmit: true,
      typeRoots: [join(root, "node_modules/@types")],
      types: ["node"],
    };
    await writeFile(join(project.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["check.ts"] }));
    expect(await execute(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"], project.folder)).toBe("");
  };
  if (client.hasNodeModules) it("gets types that check without the workspace", checkTypes);
});
