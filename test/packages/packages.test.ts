import { execFile } from "node:child_process";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Tarball, packPackages, publishedFolders } from "../support/pack-packages.ts";
import { createFolder } from "../support/temporary-folder.ts";

// What users get. `pnpm test` builds before it runs this.
const root = fileURLToPath(new URL("../..", import.meta.url));
const stack = new AsyncDisposableStack();
let tarballs: readonly Tarball[];
let home: string;

beforeAll(async () => {
  home = stack.use(
    await createFolder({ "package.json": '{ "name": "user", "private": true, "type": "module" }' }),
  ).path;
  tarballs = await packPackages(join(home, "tarballs"));
  await run(
    "npm",
    ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs.map(({ path }) => path)],
    home,
  );
}, 240_000);

afterAll(() => stack.disposeAsync());

describe("the packages that users get", () => {
  it("are all those of the workspace that are not private", async () => {
    const manifests = (
      await Promise.all(
        ["packages", "apps"].map(async (parent) =>
          (await readdir(join(root, parent))).map((name) => `${parent}/${name}`),
        ),
      )
    ).flat();
    const published = [];
    for (const folder of manifests)
      if (!(await readManifest(join(root, folder, "package.json"))).private) published.push(folder);
    expect(published.sort()).toEqual([...publishedFolders].sort());
  });

  it.each(publishedFolders)("%s holds only what a user needs", (folder) => {
    const { entries } = find(folder);
    expect(entries).toContain("package/package.json");
    expect(entries).toContain("package/LICENSE");
    expect(
      entries.filter(
        (entry) => !/^package\/(package\.json|LICENSE|README\.md|CHANGELOG\.md|(dist|bin)\/[\w./-]+)$/.test(entry),
      ),
    ).toEqual([]);
    expect(entries.filter((entry) => /\.test\.|\/src\/|\.tsbuildinfo$/.test(entry))).toEqual([]);
    expect(entries.some((entry) => entry.startsWith("package/dist/"))).toBe(true);
  });

  it.each(publishedFolders)("%s names nothing that only exists in the workspace", async (folder) => {
    const { name } = await readManifest(join(root, folder, "package.json"));
    const text = await readFile(join(home, "node_modules", name, "package.json"), "utf8");
    expect(text).not.toMatch(/workspace:|catalog:|"source"|\.\/src\//);
  });

  it.each(publishedFolders)("%s depends on ranges, so that users get fixes and one copy", async (folder) => {
    const { name } = await readManifest(join(root, folder, "package.json"));
    const { dependencies = {}, peerDependencies = {} } = await readManifest(
      join(home, "node_modules", name, "package.json"),
    );
    const exact = Object.entries({ ...dependencies, ...peerDependencies }).filter(
      ([, range]) => !/^(\^|~|>=)\d/.test(range),
    );
    expect(exact).toEqual([]);
  });

  it("rank from TypeScript", async () => {
    await writeFile(
      join(home, "rank.mjs"),
      `import { rerank } from "dheera-ai";
const { results } = await rerank({ model: "bm25/default", query: "capital of the United States", documents: ["Paris is in France.", "Washington, D.C. is the capital of the United States."] });
console.log(results[0].index);
`,
    );
    expect((await run("node", ["rank.mjs"], home)).trim()).toBe("1");
  });

  it("rank from a shell, under both names", async () => {
    const { version } = await readManifest(join(root, "apps/cli/package.json"));
    expect(await run("npx", ["--no-install", "dheera_ai", "--version"], home)).toContain(version);
    const output = await run(
      "npx",
      ["--no-install", "dheera-ai", "rerank", "--model", "bm25/default", "--query", "a cat", "the dog", "the cat"],
      home,
    );
    expect(JSON.parse(output)).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  });

  it("bring types that check without the workspace", async () => {
    await writeFile(
      join(home, "check.ts"),
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
    // Declarations are checked too. Those of ofetch's dependencies want Node.js's, which most users have.
    const compilerOptions = {
      target: "es2023",
      module: "nodenext",
      lib: ["es2023", "dom", "dom.iterable", "esnext.disposable"],
      strict: true,
      noEmit: true,
      typeRoots: [join(root, "node_modules/@types")],
      types: ["node"],
    };
    await writeFile(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["check.ts"] }));
    expect(await run(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"], home)).toBe("");
  });
});

function find(folder: string): Tarball {
  const tarball = tarballs.find((candidate) => candidate.folder === folder);
  if (tarball === undefined) throw new Error(`${folder} was not packed`);
  return tarball;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(path, "utf8"));
}

/** Runs a program with the Node.js that runs this test. @returns what it printed. */
async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter) };
  try {
    return (await promisify(execFile)(program, args, { cwd, env })).stdout;
  } catch (error) {
    const printed =
      error instanceof Error && "stdout" in error && "stderr" in error
        ? `${error.stdout}${error.stderr}`
        : String(error);
    throw new Error(`${program} ${args.join(" ")} failed:\n${printed}`, { cause: error });
  }
}
